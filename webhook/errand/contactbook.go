package errand

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"bauta/webhook"
	"bauta/webhook/graph"
)

// What becomes of an entry of the contact book: a closed set, in receipts of
// erasures.
const (
	bookDeleted   = "deleted"
	bookNone      = "none"
	bookNoUserID  = "unknown_user_id"
	bookFailed    = "failed"
	bookDeleteFor = 2 * time.Second
)

// ContactBook deletes what the platform itself remembers of customers for a
// business's portfolio (identity.md 2.3). Safe for concurrent use.
type ContactBook struct {
	Platform Platform
	// AccessToken returns a business's access token for the platform, "" if none is
	// configured.
	AccessToken func(business string) string
}

// Delete removes the customer's entry: "deleted", "none", "unknown_user_id" or
// "failed". It takes two seconds at most.
func (b ContactBook) Delete(ctx context.Context, of *webhook.Business, c *webhook.Customer) string {
	if userID(c).IsZero() {
		return bookNoUserID
	}
	ctx, cancel := context.WithTimeout(ctx, bookDeleteFor)
	defer cancel()
	answer, err := b.call(ctx, of, c, c.Inbound)
	if err != nil || answer.Status != http.StatusOK {
		return bookFailed
	}
	var told struct {
		Success bool `json:"success"`
		Deleted bool `json:"deleted"`
	}
	switch err := json.Unmarshal(answer.Body, &told); {
	case err != nil || !told.Success:
		return bookFailed
	case told.Deleted:
		return bookDeleted
	}
	return bookNone
}

// call deletes the entry of a customer whose user id is known. The book is one for the
// portfolio, so any of the business's phone numbers will do; the given one is taken
// if it is not "".
func (b ContactBook) call(ctx context.Context, of *webhook.Business, c *webhook.Customer, phoneNumberID string) (*graph.Answer, error) {
	if phoneNumberID == "" && len(of.PhoneNumbers) > 0 {
		phoneNumberID = of.PhoneNumbers[0]
	}
	return b.Platform.Call(ctx, graph.Request{
		Token: b.AccessToken(of.ID), Object: phoneNumberID, Method: http.MethodDelete, Edge: "contact_book",
		Query: url.Values{"messaging_product": {"whatsapp"}, "bsuid": {userID(c).Reveal()}},
	})
}

// forget deletes the platform's contact-book entry, unless the customer shares again. It
// can be repeated, so it is, whatever became of it.
func (r *Runner) forget(ctx context.Context, j *job) webhook.Carried {
	if s := j.standing(); s != nil && isShared(s) {
		return over(webhook.Dropped, Outdated)
	}
	if userID(j.customer).IsZero() || j.place() == nil {
		return over(webhook.Dropped, NoUserID)
	}
	if err := r.note(ctx, j); err != nil {
		return r.wait(j, Audit, 0)
	}
	book := ContactBook{Platform: r.Platform, AccessToken: r.AccessToken}
	o := judge(book.call(ctx, j.business, j.customer, j.from()))
	o.called = true
	switch o.class {
	case taken:
		return webhook.Carried{Verdict: webhook.Verdict{Outcome: webhook.Delivered, Reason: string(Done)}}
	case refused:
		return webhook.Carried{Verdict: webhook.Verdict{Outcome: webhook.Dropped, Reason: string(o.why)}}
	case unclear:
		o.why = Down
	case later:
	}
	return r.later(ctx, j, o)
}
