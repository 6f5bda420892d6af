package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bauta/webhook"
)

// A number may be typed where a handle belongs: no URL has it, neither that of the form
// nor one of the page that answers.
func TestWhatIsLookedForIsInNoURL(t *testing.T) {
	t.Parallel()
	const typed = "393331234567"
	b := newRig(t).loggedIn(webhook.AllBusinesses)
	if page := b.get("deliveries").body; !strings.Contains(page, `<form method="post" action="/console/deliveries"`) {
		t.Errorf("the form puts what is typed into the URL:\n%s", page)
	}
	got := b.act("deliveries", url.Values{"business": {"acme"}, "handle": {typed}})
	if got.code != http.StatusOK || got.header.Get("Location") != "" || !strings.Contains(got.body, "msg_1") {
		t.Errorf("answered %d: %s", got.code, got.body)
	}
	for part := range strings.SplitSeq(got.body, `href="`) {
		if link, _, _ := strings.Cut(part, `"`); strings.Contains(link, typed) {
			t.Errorf("a link holds it: %s", link)
		}
	}
	if got := b.post("deliveries", url.Values{"business": {"acme"}, "handle": {typed}}); got.code != http.StatusForbidden {
		t.Errorf("without the session's word it was answered %d", got.code)
	}
}
