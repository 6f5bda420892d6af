package reply_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"bauta/webhook"
)

// panics is a part that fails worse than by an error.
type panics struct{}

func (panics) Check(context.Context, string) (webhook.Grant, error) { panic("token 16505550142") }

func TestAPanicIsAnsweredInThePlatformsWords(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(s *settings) { s.options.Tokens = panics{} })
	got := r.do(t, call{method: http.MethodGet, path: "/" + phone})
	wantFault(t, got, 500, 1, "internal")
	if strings.Contains(got.body, "16505550142") {
		t.Errorf("the answer says what panicked: %s", got.body)
	}
}
