package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bauta/redis/rolls"
	"bauta/redis/vault"
	"bauta/webhook"
)

func newExplain(std Std) *cobra.Command {
	o := bench{name: "explain", faulty: "would not be delivered", dry: true}
	c := &cobra.Command{
		Use:   "explain",
		Short: "Say what would be decided for platform payloads, and why",
		Long: `Reads platform payloads from standard input and says for each event who would be hidden, which rule or built-in decides, what a tap, word or card
of a customer would decide, where something is masked, and which endpoints would get it. It looks customers up in the configured store, writes nothing there, and shows no number.
Every document is looked at by itself: a status is undecided though the message before it would be hidden.`,
		Example: "  bauta explain < payload.json\n  bauta explain --config bauta.yaml < payload.json",
		Args:    inputOnly,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), std, func(out io.Writer, d document, p *webhook.Prepared) error {
				for i, x := range p.Decisions {
					if _, err := io.WriteString(out, explanation(d.index, i+1, x)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	o.flags(c)
	return c
}

func explanation(document, event int, x webhook.Explained) string {
	var b strings.Builder
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-11s %s\n", name, text)
		}
	}
	fmt.Fprintf(&b, "document %d, event %d: %s\n", document, event, strings.TrimSpace(x.Field+" "+x.Kind+" "+x.Type))
	line("business", x.Business)
	line("group", x.Group)
	if x.Visibility != "" {
		by := x.Reason
		if x.Rule != "" {
			by = "rule " + x.Rule + ": " + by
		}
		line("customer", x.Visibility+" ("+by+")")
	} else {
		line("customer", "none")
	}
	line("act", x.Act)
	for _, r := range x.Reports {
		line("report", fmt.Sprintf("rule %s would have said hide: %t", r.Rule, r.Hide))
	}
	line("masked at", strings.Join(x.Places, ", "))
	if x.Held != "" {
		line("held", strings.TrimSpace(x.Held+" "+strings.Join(x.Positions, ", ")))
		return b.String()
	}
	line("goes to", strings.Join(x.Endpoints, ", "))
	return b.String()
}

// oneLine is a JSON document without the white space between its tokens.
func oneLine(body []byte) []byte {
	if bytes.IndexByte(body, '\n') < 0 {
		return body
	}
	var out bytes.Buffer
	if json.Compact(&out, body) != nil {
		return body
	}
	return out.Bytes()
}

// dry reads the vault and keeps what would be written to itself.
type dry struct {
	vault *vault.Vault
	rolls *rolls.Rolls
}

func (d dry) Recall(ctx context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	return d.vault.Recall(ctx, lookups)
}

func (d dry) Mint(_ context.Context, c *webhook.Customer) (*webhook.Customer, bool, error) {
	c.Version = 1
	return c, true, nil
}

func (d dry) Update(context.Context, *webhook.Customer) error                   { return nil }
func (d dry) Remember(context.Context, *webhook.Customer, []webhook.Form) error { return nil }
func (d dry) Touch(context.Context, []*webhook.Customer) error                  { return nil }
func (d dry) MarkHidden(context.Context, string, time.Time) error               { return nil }
func (d dry) BusinessKey(context.Context, string) (webhook.DataKey, error)      { return nil, nil } //nolint:nilnil // nothing is encrypted in a dry run
func (d dry) Enter(context.Context, string, webhook.Roll, []string) error       { return nil }
func (d dry) On(ctx context.Context, business string, roll webhook.Roll, ids []string) ([]bool, error) {
	return d.rolls.On(ctx, business, roll, ids)
}

func (d dry) FirstHidden(ctx context.Context, business string) (time.Time, error) {
	return d.vault.FirstHidden(ctx, business)
}
