package reply_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Whoever is told 190 gets a new token for what they called, which is Bauta: where it is
// the operator's token that the platform refuses, they are not told so.
func TestTheOperatorsTokenIsNotTheBusinesss(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status int
		answer string
		says   string
	}{
		"it has expired (webhooks.md 6.6)": {401, `{"error":{"message":"Error validating access token","type":"OAuthException","code":190,"error_subcode":463}}`, "Meta's code 190, subcode 463."},
		"without a subcode":                {401, `{"error":{"message":"Invalid OAuth access token","type":"OAuthException","code":190}}`, "Meta's code 190."},
		"with the status of a bad request": {400, `{"error":{"type":"OAuthException","code":190}}`, "Meta's code 190."},
		"by code 0 (webhooks.md 6.6)":      {401, `{"error":{"message":"AuthException","code":0}}`, "Meta's code 0."},
		"codes that could be a number":     {401, fmt.Sprintf(`{"error":{"code":%s,"error_subcode":%s}}`, hiddenPerson().Number, hiddenPerson().Number), "does not help before."},
		"a subcode that could be one":      {401, fmt.Sprintf(`{"error":{"code":190,"error_subcode":%s}}`, hiddenPerson().Number), "Meta's code 190."},
		"in no words at all":               {401, "<html>no</html>", "Meta's code 0."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.platformSays(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "17")
				w.WriteHeader(row.status)
				_, _ = w.Write([]byte(row.answer))
			})
			keyed := r.three()["send"]
			keyed.header = map[string]string{"Idempotency-Key": "one"}
			calls := append([]call{keyed}, r.three()["change"], r.three()["read"])
			for _, c := range calls {
				got := r.do(t, c)
				details := wantFault(t, got, 500, 3, "platform_token").Error.Data.Details
				if !strings.HasSuffix(details, row.says) || !strings.Contains(details, "Bauta's own token is fine") {
					t.Errorf("it says %q", details)
				}
				if got.header.Get("Retry-After") != "" {
					t.Error("it asks to be called again, for ever")
				}
			}
			if warned := strings.Count(r.log.String(), "level=WARN"); warned != 1 {
				t.Errorf("%d warnings: %s", warned, r.log)
			}
			// Nothing was sent: once the operator has renewed the token, the same key serves.
			r.platformSays(nil)
			if got := r.do(t, keyed); got.status != http.StatusOK {
				t.Errorf("the key is used up: %d %s", got.status, got.body)
			}
		})
	}
}

func TestABusinessWithoutAnAccessTokenIsNotToldToRepeat(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(t, call{path: messages(), body: r.text(), bearer: muteToken})
	f := wantFault(t, got, 500, 3, "platform_token")
	if !strings.Contains(f.Error.Data.Details, "configured no access token") || got.header.Get("Retry-After") != "" {
		t.Errorf("%v %s", got.header, got.body)
	}
	if warned := strings.Count(r.log.String(), "set access_token"); warned != 1 {
		t.Errorf("%d warnings: %s", warned, r.log)
	}
}
