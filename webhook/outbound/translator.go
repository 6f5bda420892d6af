package outbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/masking/leak"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// Directory finds customers. redis/vault implements it. Safe for concurrent use.
type Directory interface {
	// ByHandle returns webhook.ErrUnknownHandle for a handle that names nobody.
	ByHandle(ctx context.Context, business, key string) (*webhook.Customer, error)
	// Recall answers every lookup, in order.
	Recall(ctx context.Context, lookups []webhook.Lookup) ([]webhook.Found, error)
}

// MessageIDs leads re-issued message ids back. *webhook.WayBack implements it.
type MessageIDs interface {
	// MessageID returns the platform's id, or meta.ErrNotMasked, meta.ErrForeignID or
	// webhook.ErrUnknownHandle.
	MessageID(ctx context.Context, business, issued string) (string, error)
}

// Templates tells which templates only go to numbers: authentication templates.
type Templates interface {
	// NumberOnly is false also when it cannot be found out.
	NumberOnly(ctx context.Context, business *webhook.Business, name, language string) bool
}

// Options of a Translator. All are required.
type Options struct {
	API       *meta.API
	Handles   meta.HandleParser
	IDs       webhook.IDMasks
	WayBack   MessageIDs
	Directory Directory
	Forms     webhook.Forms
	Rolls     webhook.Rolls
	Templates Templates
	// Sealer seals cursors.
	Sealer   meta.Sealer
	Tokens   ButtonTokens
	Rewriter *masking.Rewriter
	Logger   *slog.Logger
}

// Translator turns calls and answers. Safe for concurrent use.
type Translator struct {
	Options

	parser *jsontree.Parser
	proofs *leak.Pool
	userID *regexp.Regexp
}

// New returns a Translator. The error names every part that is missing.
func New(o Options) (*Translator, error) {
	var missing []error
	for _, need := range []struct {
		name string
		has  bool
	}{
		{"API", o.API != nil},
		{"Handles", o.Handles != nil},
		{"IDs", o.IDs != nil},
		{"WayBack", o.WayBack != nil},
		{"Directory", o.Directory != nil},
		{"Forms", o.Forms != nil},
		{"Rolls", o.Rolls != nil},
		{"Templates", o.Templates != nil},
		{"Sealer", o.Sealer != nil},
		{"Tokens", o.Tokens != nil},
		{"Rewriter", o.Rewriter != nil},
		{"Logger", o.Logger != nil},
	} {
		if !need.has {
			missing = append(missing, fmt.Errorf("outbound.New: Options.%s is missing", need.name))
		}
	}
	if missing != nil {
		return nil, errors.Join(missing...)
	}
	return &Translator{Options: o, parser: jsontree.NewParser(), proofs: leak.NewPool(), userID: userIDs()}, nil
}
