package vault

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unique"

	"bauta/redis"
	"bauta/webhook"
)

// news is how much later a customer has to have written for it to be stored.
const news = 10 * time.Minute

// window is when a customer wrote last, and to which of the business's phone
// numbers (its id). It stands beside the record, so that noting it changes no
// version.
type window struct {
	at time.Time
	// to is interned: the id came as a part of a body, which would stay as long as it.
	to unique.Handle[string]
}

func windowOf(c *webhook.Customer) window { return window{c.InboundAt, unique.Make(c.Inbound)} }

// Opened stores when customers wrote (InboundAt, Inbound), where that is news:
// more than ten minutes later than what was read or stored of them here, or to
// another phone number. It is one round trip for all, changes no record's version,
// never goes back in time, and does nothing for who was erased meanwhile.
func (v *Vault) Opened(ctx context.Context, customers []*webhook.Customer) error {
	var calls []redis.Call
	var told []*webhook.Customer
	for _, c := range customers {
		if c == nil || c.Version < 1 || c.InboundAt.IsZero() {
			continue
		}
		w := windowOf(c)
		if held, known := v.windows.Get(memoryKey(c)); known && !w.isNews(held) {
			continue
		}
		calls = append(calls, v.scripts.inbound.Call([]string{v.recordKey(c)}, strconv.FormatInt(w.at.UnixMilli(), 10), w.to.Value()))
		told = append(told, c)
	}
	if err := firstError(v.store.Commit(ctx, calls)); err != nil {
		return err
	}
	for _, c := range told {
		v.windows.Add(memoryKey(c), windowOf(c))
	}
	return nil
}

func (w window) isNews(held window) bool {
	return w.at.Sub(held.at) > news || (w.to != held.to && w.at.After(held.at))
}

// inbound takes in what stands beside a record: nothing, if it is not understood.
func (v *Vault) inbound(c *webhook.Customer, field any) {
	text, _ := field.(string)
	at, to, _ := strings.Cut(text, " ")
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || ms <= 0 {
		return
	}
	c.InboundAt, c.Inbound = time.UnixMilli(ms).UTC(), to
	v.windows.Add(memoryKey(c), windowOf(c))
}

// memoryKey names a customer in the caches.
func memoryKey(c *webhook.Customer) string { return c.Business + "\x00" + c.ID }
