package ads_test

import (
	"errors"
	"strings"
	"testing"

	"bauta/ads"
)

// ruleErrors returns the *RuleErrors joined in an error.
func ruleErrors(err error) []*ads.RuleError {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*ads.RuleError
		for _, e := range joined.Unwrap() {
			all = append(all, ruleErrors(e)...)
		}
		return all
	}
	if one, ok := errors.AsType[*ads.RuleError](err); ok {
		return []*ads.RuleError{one}
	}
	return nil
}

func TestRuleFaultsAreFoundWhenCompiling(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		rule         ads.Rule
		line, column int
		problem      string
	}{
		"an unknown field":           {hide("r", "ad.foo == 'x'"), 1, 1, "there is no ad.foo; conditions see ad.{present"},
		"a field of the wrong thing": {hide("r", "true ||\n customer.clid == ''"), 2, 2, "there is no customer.clid; conditions see"},
		"an unknown name":            {hide("r", "adpresent"), 1, 1, "conditions see ad."},
		"a type error":               {hide("r", "customer.bucket == 'x'"), 1, 17, "no matching overload"},
		"a syntax error":             {hide("r", "ad.present &&"), 1, 14, "Syntax error"},
		"not a condition":            {hide("r", "customer.country"), 1, 1, "it is of type string"},
		"nothing":                    {hide("r", " "), 0, 0, "missing"},
		"too long":                   {hide("r", strings.Repeat("true || ", 2000)+"true"), 1, 1, "size"},
		"nested too deep":            {hide("r", strings.Repeat("(", 200)+"true"+strings.Repeat(")", 200)), 1, 1, "recursion"},
		"too costly": {
			hide("r", "[1,2,3,4,5,6,7,8,9].all(a, [1,2,3,4,5,6,7,8,9].all(b, [1,2,3,4,5,6,7,8,9].all(c, [1,2,3,4,5,6,7,8,9].all(d, a+b+c+d>0))))"),
			1, 1, "can cost more",
		},
		"a broken pattern":          {hide("r", `ad.body.matches("(")`), 1, 17, "invalid matches argument"},
		"an empty name":             {hide("", "true"), 0, 0, "the name must be"},
		"a name with other letters": {hide("Pilot 1", "true"), 0, 0, "the name must be"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ads.New(ads.Options{Policies: []ads.Policy{{Business: "acme", Rules: []ads.Rule{row.rule}}}})
			all := ruleErrors(err)
			if len(all) == 0 {
				t.Fatalf("error %v, want a RuleError", err)
			}
			got := all[0]
			if got.Business != "acme" || got.Rule != row.rule.Name || got.Line != row.line || got.Column != row.column {
				t.Errorf("%q %q line %d column %d, want line %d column %d", got.Business, got.Rule, got.Line, got.Column, row.line, row.column)
			}
			if !strings.Contains(got.Problem, row.problem) {
				t.Errorf("problem %q does not say %q", got.Problem, row.problem)
			}
			if !strings.Contains(got.Error(), `rule "`+row.rule.Name+`"`) {
				t.Errorf("the error does not name the rule: %v", got)
			}
		})
	}
}

func TestAllFaultsComeAtOnce(t *testing.T) {
	t.Parallel()
	_, err := ads.New(ads.Options{Policies: []ads.Policy{
		{Business: "acme", Rules: []ads.Rule{hide("a", "nope"), hide("b", "true"), hide("b", "1")}},
		{Business: "other", Rules: []ads.Rule{hide("c", "ad.x")}},
		{Business: "other"},
	}})
	var found []string
	for _, e := range ruleErrors(err) {
		found = append(found, e.Business+"/"+e.Rule)
	}
	if got := strings.Join(found, " "); got != "acme/b acme/a acme/b other/c" {
		t.Errorf("faults of %s", got)
	}
	if err == nil || !strings.Contains(err.Error(), "two policies") {
		t.Errorf("the second policy of one business is not named: %v", err)
	}
}

func FuzzNew(f *testing.F) {
	seeds := []string{"ad.present", "customer.country in ['IT']", "ad.body.matches('a*')", "[1].map(x, x)", "now > timestamp('x')", "{", "ad.campaign == '1'"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, when string) {
		d, err := ads.New(ads.Options{Policies: []ads.Policy{{Business: "acme", Rules: []ads.Rule{show("r", when)}}}})
		if err != nil {
			if len(ruleErrors(err)) == 0 {
				t.Fatalf("a fault without its rule: %v", err)
			}
			return
		}
		got := d.Decide(t.Context(), fromAd())
		if got.Visible && (got.Rule != "r" || got.Reason != "rule") {
			t.Fatalf("an ad is visible without the rule: %+v", got)
		}
	})
}
