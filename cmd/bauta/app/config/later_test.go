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
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    raw_recipients: deny
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
	want := "limits businesses[0].raw_recipients businesses[0].sharing businesses[0].endpoints[0].statuses"
	if strings.Join(got, " ") != want {
		t.Errorf("warned of %q, want %q", got, want)
	}
}
