package config_test

import (
	"strings"
	"testing"

	"bauta/cmd/bauta/app/config"
)

func TestKeysOfLaterVersionsAreWarnedOf(t *testing.T) {
	t.Parallel()
	const text = `apps: [{id: main, verify_token: v, app_secrets: [s]}]
limits: {per_business: 5}
retention: {consents: 24h}
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    sharing: {ask: never}
    endpoints: [{id: crm, url: "https://crm.example", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], statuses: forward_only}]
`
	c, err := config.Parse("x.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range c.Warnings() {
		got = append(got, w.Key)
	}
	want := "limits.per_business"
	if strings.Join(got, " ") != want {
		t.Errorf("warned of %q, want %q", got, want)
	}
}

func TestWhoLetsHidingBeUndoneIsWarned(t *testing.T) {
	t.Parallel()
	const text = `apps: [{id: main, verify_token: v, app_secrets: [s]}]
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    raw_recipients: allow
    endpoints: [{id: crm, url: "https://crm.example", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}]
`
	c, err := config.Parse("x.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0].String(), "x.yaml:6:21: businesses[0].raw_recipients: hiding can be undone") {
		t.Errorf("warnings %v, want one that says that hiding can be undone", w)
	}
}
