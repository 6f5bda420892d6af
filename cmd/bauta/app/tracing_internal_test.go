package app

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/cmd/bauta/app/config"
)

// The samplers of OpenTelemetry's specification (Environment Variable Specification).
func TestTheEnvironmentsSamplersCount(t *testing.T) {
	t.Parallel()
	tenth := config.Share(0.1)
	for name, row := range map[string]struct {
		configured    *config.Share
		sampler, arg  string
		want          float64
		misunderstood bool
	}{
		"nothing is said":                  {want: 0.01},
		"the configuration comes first":    {configured: &tenth, sampler: "always_on", want: 0.1},
		"all":                              {sampler: "always_on", want: 1},
		"all, with parents":                {sampler: "parentbased_always_on", want: 1},
		"none":                             {sampler: "parentbased_always_off", want: 0},
		"a part":                           {sampler: "parentbased_traceidratio", arg: "0.25", want: 0.25},
		"a part that is not said":          {sampler: "traceidratio", want: 1},
		"more than all":                    {sampler: "traceidratio", arg: "2", misunderstood: true},
		"no number":                        {sampler: "traceidratio", arg: "NaN", misunderstood: true},
		"a sampler of another library's":   {sampler: "jaeger_remote", misunderstood: true},
		"the argument alone means nothing": {arg: "0.5", want: 0.01},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := func(name string) (string, bool) {
				v := map[string]string{"OTEL_TRACES_SAMPLER": row.sampler, "OTEL_TRACES_SAMPLER_ARG": row.arg}[name]
				return v, v != ""
			}
			got, err := sampleOf(env, row.configured)
			if (err != nil) != row.misunderstood || got != row.want {
				t.Errorf("got %v, %v; want %v", got, err, row.want)
			}
		})
	}
}

func TestHeadersAreReadAsTheEnvironmentsAre(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]string{
		"":                                       {},
		"authorization=Bearer%20abc, tenant=a=b": {"authorization": "Bearer abc", "tenant": "a=b"},
		"nothing":                                nil, "=x": nil, "a=%zz": nil,
	} {
		got, err := headersOf(text)
		if diff := cmp.Diff(want, got); diff != "" || (err != nil) != (want == nil) {
			t.Errorf("%q: %v\n%s", text, err, diff)
		}
	}
}
