package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// momentForm is how a browser writes a date and time in a form; they are UTC here.
const momentForm = "2006-01-02T15:04"

// lettersView is the page of dead letters.
type lettersView struct {
	Filter letterFilter
	// Endpoints of the businesses that can be chosen, with how many dead letters they have.
	Endpoints []operate.Endpoint
	// List is a part of what the filter selects, Count all of it, Next the cursor of what
	// follows.
	List  []operate.DeadLetter
	Count int64
	Next  string
	AsOf  asOf
	// Jobs are the newest of each endpoint, Live where their progress is.
	Jobs []jobRow
	Live string
	// Form is the session's word.
	Form string
}

// Reasons are those that a dead letter can have, and the one that is asked for.
func (l *lettersView) Reasons() []string {
	known := []string{
		"refused", "redirect", "server_error", "timeout", "connection", "dns", "tls", "throttled", "busy", "gone", "blocked",
		"expired", "too_old", "unreadable", "odd_status",
	}
	if asked := l.Filter.Reason; asked != "" && !slices.Contains(known, asked) {
		known = append(known, asked)
	}
	return known
}

// letterFilter is the filter as it was written.
type letterFilter struct {
	operate.LetterFilter

	// Faults are the names of fields that say nothing.
	Faults []string
	// More: it says more than the business.
	More bool
}

// Values are the filter for links and forms.
func (f *letterFilter) Values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	set("business", f.Business)
	set("endpoint", f.Endpoint)
	set("reason", f.Reason)
	set("since", f.SinceText())
	set("until", f.UntilText())
	if f.Status != 0 {
		set("status", strconv.Itoa(f.Status))
	}
	return q
}

// Query is the filter for a link.
func (f *letterFilter) Query() string { return f.Values().Encode() }

// SinceText and UntilText are as a form has them.
func (f *letterFilter) SinceText() string { return momentText(f.Since) }

// UntilText is as SinceText.
func (f *letterFilter) UntilText() string { return momentText(f.Until) }

func momentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(momentForm)
}

// filterOf reads a filter; a business that is the only one need not be chosen.
func (c *Console) filterOf(v *visit) letterFilter {
	q := v.r.Form
	f := letterFilter{}
	f.Business, f.Endpoint, f.Reason = c.chosen(v), q.Get("endpoint"), strings.TrimSpace(q.Get("reason"))
	// An endpoint of the list is written BUSINESS/ENDPOINT: it says the business too.
	if business, endpoint, ok := strings.Cut(f.Endpoint, "/"); ok {
		f.Business, f.Endpoint = business, endpoint
	}
	if f.Business == "" {
		if only := slices.DeleteFunc(c.Desk.Holders(v.actor), isApp); len(only) == 1 {
			f.Business = only[0]
		}
	}
	for name, into := range map[string]*time.Time{"since": &f.Since, "until": &f.Until} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		at, err := time.Parse(momentForm, text)
		if err != nil {
			f.Faults = append(f.Faults, name)
			continue
		}
		*into = at
	}
	if text := strings.TrimSpace(q.Get("status")); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > 999 {
			f.Faults = append(f.Faults, "status")
		}
		f.Status = n
	}
	slices.Sort(f.Faults)
	f.More = f.Endpoint != "" || f.Reason != "" || f.Status != 0 || !f.Since.IsZero() || !f.Until.IsZero()
	return f
}

// isApp tells the own name of an app, for what names no business: it has no endpoints.
func isApp(id string) bool { return strings.HasPrefix(id, webhook.AppBusiness("")) }

func (c *Console) letters(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return errForm
	}
	out := &lettersView{Filter: c.filterOf(v), AsOf: asOf{At: c.Now()}}
	var err error
	if out.Endpoints, err = c.Desk.Endpoints(v.ctx(), v.actor, ""); err != nil {
		return err
	}
	if out.Jobs, err = c.jobs(v, out.Filter.Business); err != nil {
		return err
	}
	out.Live, out.Form = liveJobsOf(out.Filter.Business), v.session.Form
	if out.Filter.Business != "" && len(out.Filter.Faults) == 0 {
		if out.Count, err = c.Desk.CountDeadLetters(v.ctx(), v.actor, out.Filter.LetterFilter); err != nil {
			return err
		}
		page := operate.Page{After: v.r.Form.Get("after"), Limit: fewEvents}
		if out.List, out.Next, err = c.Desk.DeadLetters(v.ctx(), v.actor, out.Filter.LetterFilter, page); err != nil {
			return err
		}
	}
	return c.render(v, "letters", 0, out)
}

// workOnPicked replays or drops the ticked ones, and says how many were there.
func (c *Console) workOnPicked(v *visit, work operate.Work, key string) error {
	done := 0
	for _, p := range picked(v) {
		ok, err := c.Desk.WorkOnLetter(v.ctx(), v.actor, p.business, p.id, work)
		if err != nil {
			return err
		}
		if ok {
			done++
		}
	}
	f := c.filterOf(v)
	more := f.Values()
	more.Set("n", strconv.Itoa(done))
	if done == 0 {
		key = "gone"
	}
	return v.back("dead-letters", key, more)
}

func (c *Console) replayLetters(v *visit) error { return c.workOnPicked(v, operate.Replay, "replayed") }

func (c *Console) dropLetters(v *visit) error {
	if n := len(picked(v)); n > 0 {
		if ok, err := c.sure(v, sureView{Key: "drop_letters", Action: "dead-letters/drop", Tone: "bad", Back: "dead-letters", N: n}); !ok {
			return err
		}
	}
	return c.workOnPicked(v, operate.Drop, "dropped")
}
