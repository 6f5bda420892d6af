package config

import (
	"cmp"
	"path/filepath"
	"reflect"
	"time"

	"bauta/masking"
	"bauta/webhook"
)

// Businesses returns the businesses as the domain has them, in the file's order.
// Their secrets are in clear: do not print them.
func (c *Config) Businesses() []webhook.Business {
	out := make([]webhook.Business, len(c.Business))
	for i := range c.Business {
		b := &c.Business[i]
		out[i] = webhook.Business{
			ID:         b.ID,
			App:        b.App,
			WABAs:      b.WABAs,
			View:       b.Handles.view(),
			KnownUntil: b.Hiding.KnownUntil.Time(),
			Groups:     groups(b.Groups),
			Endpoints:  append(endpoints(b.Endpoints), platform()),
			Unknown:    c.unknown(),
			Retention:  c.Retention.with(b.Retention),

			RawRecipients: b.rawRecipients(),
			PhoneNumbers:  b.PhoneNumberIDs,
			Passthrough:   b.Passthrough,

			Name:    cmp.Or(b.Name, b.ID),
			Sharing: b.policy(),

			Portfolio: c.portfolio(b),
		}
	}
	return out
}

// portfolio are the other businesses that call the platform by the same token.
func (c *Config) portfolio(b *Business) []string {
	var ids []string
	for i := range c.Business {
		if other := &c.Business[i]; other != b && !b.AccessToken.IsZero() && other.AccessToken.Reveal() == b.AccessToken.Reveal() {
			ids = append(ids, other.ID)
		}
	}
	return ids
}

// LongestTimeout is the longest that timeout of an endpoint may be.
const LongestTimeout = 2 * time.Minute

// Path is a file that the configuration names, relative to its own place.
func (c *Config) Path(file string) string {
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(c.name), file)
}

// AdToken is the token for ad look-ups.
func (b *Business) AdToken() Secret {
	if b.MarketingToken.IsZero() {
		return b.AccessToken
	}
	return b.MarketingToken
}

func (b *Business) rawRecipients() webhook.RawRecipients {
	switch b.RawRecipients {
	case "known":
		return webhook.KnownRaw
	case "allow":
		return webhook.AllowRaw
	}
	return webhook.DenyRaw
}

func (c *Config) unknown() webhook.UnknownFields {
	switch c.UnknownFields {
	case "scrub":
		return webhook.ScrubUnknown
	case "drop":
		return webhook.DropUnknown
	}
	return webhook.HoldUnknown
}

func (h Handles) view() masking.View {
	v := masking.View{
		ShowCountry:    h.Country == "real",
		KeepUsername:   h.Username == "keep",
		KeepInviteLink: h.InviteLink == "keep",
		ForeignPass:    h.ForeignNumbers == "pass",
	}
	if h.Shape == "phone" {
		v.Shape = masking.ShapePhone
	}
	return v
}

func groups(all []Group) map[string]webhook.Group {
	out := make(map[string]webhook.Group, len(all))
	for _, g := range all {
		out[g.ID] = webhook.Group{ID: g.ID, Name: g.Name, Hide: g.Hide}
	}
	return out
}

func endpoints(all []Endpoint) []webhook.Endpoint {
	out := make([]webhook.Endpoint, len(all))
	for i, e := range all {
		secrets := make([]string, len(e.Secrets))
		for j, s := range e.Secrets {
			secrets[j] = s.Reveal()
		}
		schedule := make([]time.Duration, len(e.Retry.Schedule))
		for j, wait := range e.Retry.Schedule {
			schedule[j] = wait.Std()
		}
		out[i] = webhook.Endpoint{
			ID:           e.ID,
			URL:          e.URL,
			Secrets:      secrets,
			Fields:       e.Fields,
			OwnEvents:    e.OwnEvents,
			Timeout:      e.Timeout.Std(),
			Concurrency:  e.Concurrency,
			Retry:        webhook.Retry{Schedule: schedule, MaxAge: e.Retry.MaxAge.Std(), RefusedAttempts: e.Retry.RefusedAttempts},
			HoldLane:     e.HoldLane.Std(),
			MaxAge:       e.MaxAge.byKind(),
			ForwardOnly:  e.Statuses == "forward_only",
			AllowPrivate: e.AllowPrivate,
			AllowHTTP:    e.AllowHTTP,
		}
	}
	return out
}

// byKind holds the kinds that have a limit, under their names in the configuration; nil
// if none has.
func (m MaxAge) byKind() map[string]time.Duration {
	if m == (MaxAge{}) {
		return nil
	}
	out := map[string]time.Duration{}
	limits := reflect.ValueOf(m)
	for _, f := range reflect.VisibleFields(limits.Type()) {
		if limit, ok := reflect.TypeAssert[Duration](limits.FieldByIndex(f.Index)); ok && limit > 0 {
			out[f.Tag.Get("yaml")] = limit.Std()
		}
	}
	return out
}

// platform is the endpoint that stands for the platform: Bauta's own messages to
// customers wait for it, and rest with it, like events for others. An attempt takes
// as long as a call of the platform's API may.
func platform() webhook.Endpoint {
	const day = 24 * time.Hour
	return webhook.Endpoint{
		ID: webhook.PlatformEndpoint, Platform: true, Timeout: 15 * time.Second, Concurrency: 16, HoldLane: day,
		Retry: webhook.Retry{
			Schedule: []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute},
			MaxAge:   day, RefusedAttempts: 1,
		},
	}
}

// General returns the periods of what is kept for no business.
func (r Retention) General() webhook.Retention { return r.with(Overrides{}) }

// with returns the periods with a business's own ones in their place.
func (r Retention) with(o Overrides) webhook.Retention {
	pick := func(general Duration, own *Duration) time.Duration {
		if own != nil {
			return own.Std()
		}
		return general.Std()
	}
	audit := pick(r.Consents, o.Consents)
	if r.Audit != nil {
		audit = r.Audit.Std()
	}
	if o.Audit != nil {
		audit = o.Audit.Std()
	}
	return webhook.Retention{
		Customer:         pick(r.Customer, o.Customer),
		CustomerAbsolute: pick(r.CustomerAbsolute, o.CustomerAbsolute),
		Messages:         pick(r.Messages, o.Messages),
		DeadLetter:       pick(r.DeadLetter, o.DeadLetter),
		Held:             pick(r.Held, o.Held),
		HiddenMarker:     pick(r.HiddenMarker, o.HiddenMarker),
		Consents:         pick(r.Consents, o.Consents),
		Audit:            audit,
	}
}
