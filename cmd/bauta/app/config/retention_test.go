package config_test

import (
	"testing"
	"time"
)

// The audit log lives as long as the ledger, unless it is told otherwise: nearest first.
func TestHowLongTheAuditLogIsKept(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		general, own string
		want         time.Duration
	}{
		"nothing is set":                   {"{}", "{}", 0},
		"as the ledger":                    {"{consents: 30d}", "{}", 30 * day},
		"as the business's ledger":         {"{consents: 30d}", "{consents: 40d}", 40 * day},
		"its own":                          {"{consents: 30d, audit: 10d}", "{consents: 40d}", 10 * day},
		"the business's own":               {"{audit: 10d}", "{audit: 20d}", 20 * day},
		"for ever, whatever the ledger is": {"{consents: 30d, audit: 0}", "{}", 0},
	} {
		c, err := parse(t, example(t, "apps:", "retention: "+row.general+"\napps:", "    groups:", "    retention: "+row.own+"\n    groups:"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.Businesses()[0].Retention.Audit; got != row.want {
			t.Errorf("%s: %v, want %v", name, got, row.want)
		}
	}
}
