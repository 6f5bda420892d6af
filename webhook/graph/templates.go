package graph

import (
	"context"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"bauta/webhook"
)

// Bounds of what is known of templates. A template that does not exist yet may a
// minute later.
const (
	maxTemplates    = 4096
	templateKnown   = time.Hour
	templateUnknown = time.Minute
	templateWait    = 2 * time.Second
	templateAsk     = 10 * time.Second
)

// authentication is the category of templates that go to numbers only
// (webhooks.md 6.1, code 131062).
const authentication = "AUTHENTICATION"

// Templates remembers which templates only go to numbers. Safe for concurrent use.
type Templates struct {
	client *Client
	token  func(business string) string
	known  *lru.Cache[templateKey, templateFact]
	flight singleflight.Group
}

type templateKey struct{ business, name, language string }

type templateFact struct {
	numberOnly bool
	until      time.Time
}

// NewTemplates asks with the token that tokenOf gives for a business; "": there is
// none, and nothing is found out.
func NewTemplates(client *Client, tokenOf func(business string) string) *Templates {
	known, err := lru.New[templateKey, templateFact](maxTemplates)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &Templates{client: client, token: tokenOf, known: known}
}

// NumberOnly tells whether a template is an authentication template in one of the
// business's WABAs. It is false when that cannot be found out within 2 s: the
// platform then says it by itself. What is known counts for an hour, what is not
// for a minute.
func (t *Templates) NumberOnly(ctx context.Context, business *webhook.Business, name, language string) bool {
	key := templateKey{business.ID, name, language}
	if fact, ok := t.known.Get(key); ok && time.Now().Before(fact.until) {
		return fact.numberOnly
	}
	token := t.token(business.ID)
	if token == "" || ctx.Err() != nil {
		return false
	}
	// The look-up goes on when this caller goes away: others may wait for it.
	answer := t.flight.DoChan(business.ID+"\x00"+name+"\x00"+language, func() (any, error) {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), templateAsk)
		defer cancel()
		fact := t.ask(within, token, business.WABAs, key)
		t.known.Add(key, fact)
		return fact.numberOnly, nil
	})
	timer := time.NewTimer(templateWait)
	defer timer.Stop()
	select {
	case r := <-answer:
		only, ok := r.Val.(bool)
		return ok && only
	case <-timer.C:
	case <-ctx.Done():
	}
	return false
}

// ask asks every WABA until one has it as an authentication template.
func (t *Templates) ask(ctx context.Context, token string, wabas []string, key templateKey) templateFact {
	found, failed := false, false
	for _, waba := range wabas {
		category, err := t.client.TemplateCategory(ctx, token, waba, key.name, key.language)
		switch {
		case category == authentication:
			return templateFact{numberOnly: true, until: time.Now().Add(templateKnown)}
		case err == nil:
			found = true
		case kindOf(err) != NotFound:
			failed = true
		}
	}
	life := templateKnown
	if failed || !found {
		life = templateUnknown
	}
	return templateFact{until: time.Now().Add(life)}
}
