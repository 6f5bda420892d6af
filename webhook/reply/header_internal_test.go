package reply

import "testing"

func TestHeadersThatLookLikeWhatTheyAre(t *testing.T) {
	t.Parallel()
	const usage = `{"102290129340398":[{"type":"whatsapp","call_count":28,"total_cputime":25,"total_time":25,"estimated_time_to_regain_access":0}]}`
	for _, row := range []struct {
		name, value string
		want        bool
	}{
		{headerRetryAfter, "60", true},
		{headerRetryAfter, "Wed, 21 Oct 2026 07:28:00 GMT", true},
		{headerRetryAfter, "16505550142", false},
		{headerRetryAfter, "soon", false},
		{headerUsage, usage, true},
		{headerUsage, `{"102290129340398": [{"type": "messaging", "call_count": 1.5}]}`, true},
		{headerAppUsage, `{"call_count":28,"total_time":25,"total_cputime":25}`, true},
		{headerUsage, `{"16505550142":[{"call_count":1}]}`, false},
		{headerUsage, `{"102290129340398":["16505550142"]}`, false},
		{headerUsage, `{"102290129340398":["102290129340398"]}`, false},
		{headerUsage, `{"a":16505550142}`, false},
		{headerUsage, `{"a":"650.555.0142"}`, false},
		{headerUsage, `{"a":[1650,555,0142]}`, false},
		{headerUsage, `{"a":"+1 650 555 0142"}`, false},
		{headerUsage, `{"a":"1 650 555 0142"}`, false},
		{headerUsage, `{"a":"650-555-0142"}`, false},
		{headerUsage, `{"a":"US.7430000000000001"}`, false},
		{headerUsage, `{"a":"HBgLMTY1MDU1NTAxNDIVAgASGBQz"}`, false},
		{headerUsage, `{"a":"\u0031"}`, false},
		{headerUsage, "١٦٥٠٥٥٥٠١٤٢", false},
	} {
		if got := passable(row.name, row.value); got != row.want {
			t.Errorf("%s: %s: passable is %v", row.name, row.value, got)
		}
	}
}
