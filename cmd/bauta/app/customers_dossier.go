package app

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
)

// dossier is everything that is stored about one customer, in clear.
type dossier struct {
	Business   string    `json:"business"`
	ExportedAt time.Time `json:"exported_at"`
	// FirstSeen is when the record was made; LastWrote is at most ten minutes too early.
	FirstSeen   *time.Time `json:"first_seen"`
	LastWrote   *time.Time `json:"last_wrote"`
	LastWroteTo string     `json:"last_wrote_to_phone_number_id,omitempty"`
	Identities  []knownAs  `json:"identities"`
	Scopes      []inScope  `json:"scopes"`
	Events      keptOf     `json:"events"`
	NumberWent  []wentTo   `json:"number_went"`
	// NumberDelivered counts the deliveries that carried the number after a share.
	NumberDelivered []delivered `json:"number_delivered"`
	// ConsentLedger are the lines of the customer's handles, as they are chained.
	ConsentLedger []json.RawMessage `json:"consent_ledger"`
	CannotBeKnown []string          `json:"cannot_be_known"`

	// handles are those of all scopes, in their long form.
	handles   map[string]bool
	endpoints []string
}

type knownAs struct {
	Number string `json:"number,omitempty"`
	UserID string `json:"user_id,omitempty"`
	// Evidence is how it became known.
	Evidence string     `json:"evidence"`
	Since    *time.Time `json:"since"`
	Ended    *time.Time `json:"ended,omitempty"`
	// Elsewhere: it leads to another record by now.
	Elsewhere bool `json:"leads_elsewhere,omitempty"`
}

type inScope struct {
	Scope         string     `json:"scope"`
	Handle        string     `json:"handle"`
	FormerHandles []string   `json:"former_handles,omitempty"`
	Visibility    string     `json:"visibility"`
	Rule          string     `json:"rule,omitempty"`
	Reason        string     `json:"reason"`
	Decided       *time.Time `json:"decided"`
	Left          *time.Time `json:"left,omitempty"`
	Sharing       string     `json:"sharing"`
	SharingSince  *time.Time `json:"sharing_since,omitempty"`
	SharedNumber  string     `json:"shared_number,omitempty"`
	Asked         *askedAs   `json:"asked,omitempty"`
}

type askedAs struct {
	By       string     `json:"by"`
	WordedBy string     `json:"worded_by"`
	Native   bool       `json:"platform_request"`
	Language string     `json:"language,omitempty"`
	Version  string     `json:"version,omitempty"`
	TextHash string     `json:"text_sha256,omitempty"`
	Begun    *time.Time `json:"begun"`
	Sent     *time.Time `json:"sent"`
	Expires  *time.Time `json:"expires"`
}

type keptOf struct {
	Waiting int `json:"waiting"`
	Held    int `json:"held"`
	Dead    int `json:"dead"`
}

// wentTo says when the number was in what endpoints got.
type wentTo struct {
	Scope     string     `json:"scope"`
	From      *time.Time `json:"from"`
	Until     *time.Time `json:"until"`
	Why       string     `json:"why"`
	Endpoints []string   `json:"endpoints"`
}

// delivered counts deliveries to one endpoint that it confirmed and that carried the
// number, by when it did.
type delivered struct {
	Scope      string    `json:"scope"`
	Endpoint   string    `json:"endpoint"`
	Deliveries int64     `json:"deliveries"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
}

func newDossier(b *webhook.Business, c *webhook.Customer, now time.Time) *dossier {
	d := &dossier{
		Business: b.ID, ExportedAt: now.UTC(), FirstSeen: known(c.Created), LastWrote: known(c.InboundAt), LastWroteTo: c.Inbound,
		ConsentLedger: []json.RawMessage{}, NumberWent: []wentTo{}, NumberDelivered: []delivered{}, handles: map[string]bool{},
		CannotBeKnown: []string{
			"to which endpoints the number of a visible customer went that are not configured any more: number_went names those of now, number_delivered those of then",
			"which single events were delivered: Bauta keeps none of them, nor what customers wrote; number_delivered counts those that carried a shared number",
			"deliveries that reached an endpoint which did not confirm them, and events about other members of a group that quote the customer: number_delivered does not count them",
			"what was asked and shared under a handle that ended by new_handle_on_withdraw, or when the customer left a group: nothing leads from it to them",
			"lines of the consent ledger that were dropped at the end of retention.consents",
			"what the platform, the endpoints and old dumps of the store keep",
		},
	}
	for _, e := range b.Endpoints {
		if !e.Platform {
			d.endpoints = append(d.endpoints, e.ID)
		}
	}
	for _, l := range c.Links {
		d.Identities = append(d.Identities, knownAs{
			Number: l.Identity.Number.Reveal(), UserID: l.Identity.UserID.Reveal(), Evidence: l.Evidence,
			Since: known(l.Since), Ended: known(l.Ended), Elsewhere: l.Lost,
		})
	}
	for _, scope := range slices.Sorted(maps.Keys(c.Scopes)) {
		d.add(webhook.LineScope(scope), c.Scopes[scope])
	}
	return d
}

// add takes a scope in.
func (d *dossier) add(scope string, s *webhook.Standing) {
	out := inScope{
		Scope: scope, Handle: longHandle(s.Handle), Visibility: s.Visibility.String(), Rule: s.Rule, Reason: s.Reason,
		Decided: known(s.Decided), Left: known(s.Left), Sharing: s.Sharing.State.String(), SharingSince: known(s.Sharing.Since),
		SharedNumber: s.Sharing.Number.Reveal(),
	}
	d.handles[out.Handle] = true
	for _, former := range s.Former {
		long := longHandle(former)
		out.FormerHandles, d.handles[long] = append(out.FormerHandles, long), true
	}
	if q := s.Sharing.Question; q.ID != "" {
		out.Asked = &askedAs{
			By: q.By, WordedBy: q.WordedBy, Native: q.Native, Language: q.Language, Version: q.Version, TextHash: q.TextHash,
			Begun: known(q.Begun), Sent: known(q.Sent), Expires: known(q.Expires),
		}
	}
	d.Scopes = append(d.Scopes, out)
	if s.Visibility == webhook.Visible {
		d.NumberWent = append(d.NumberWent, wentTo{Scope: scope, From: known(s.Decided), Why: "visible: " + s.Reason, Endpoints: d.endpoints})
	}
}

// follow notes from a line of the ledger when the number began, and ceased, to be shown.
func (d *dossier) follow(l sharing.Line) {
	open := slices.IndexFunc(d.NumberWent, func(w wentTo) bool { return w.Scope == l.Scope && w.Until == nil })
	switch l.Type { //nolint:exhaustive // the other lines change nothing of it
	case sharing.LineShared, sharing.LineRenewed:
		if open < 0 {
			d.NumberWent = append(d.NumberWent, wentTo{Scope: l.Scope, From: known(l.At), Why: "shared: " + l.Action, Endpoints: d.endpoints})
		}
	case sharing.LineWithdrawn, sharing.LineHidden, sharing.LineErased:
		if open >= 0 {
			d.NumberWent[open].Until = known(l.At)
		}
	}
}

// longHandle is a handle as the ledger and the audit log write it.
func longHandle(h masking.Handle) string { return h.In(masking.View{ShowCountry: true}) }

// known is a time, nil for none.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
