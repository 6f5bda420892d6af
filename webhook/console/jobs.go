package console

import (
	"net/url"
	"strconv"
	"strings"

	"bauta/webhook"
	"bauta/webhook/operate"
	"bauta/webhook/pages"
)

// jobRow is work on many dead letters as a page shows it.
type jobRow struct {
	operate.Job

	// Form is the session's word, for the form that cancels it.
	Form string
}

// Seen is how many were worked on, whatever came of it, and at most Total.
func (j *jobRow) Seen() int64 { return min(j.Done+j.Gone+j.Failed, j.Total) }

// Running tells that it can be cancelled.
func (j *jobRow) Running() bool { return j.State == operate.Running }

// Tone of its state.
func (j *jobRow) Tone() string {
	switch {
	case j.Running():
		return "info"
	case j.State == operate.Cancelled, j.Failed > 0:
		return "warn"
	}
	return "ok"
}

// jobs are the newest of each endpoint.
func (c *Console) jobs(v *visit, business string) ([]jobRow, error) {
	found, err := c.Desk.JobList(v.ctx(), v.actor, business)
	if err != nil {
		return nil, err
	}
	out := make([]jobRow, len(found))
	for i := range found {
		out[i] = jobRow{Job: found[i], Form: v.session.Form}
	}
	return out, nil
}

// liveJobs is how far jobs came.
func (c *Console) liveJobs(v *visit) ([]pages.Patch, error) {
	found, err := c.jobs(v, c.chosen(v))
	if err != nil {
		return nil, err
	}
	return []pages.Patch{{Place: "jobs", How: pages.Replace, Fragment: "jobs", Data: found}}, nil
}

// liveJobsOf is where the progress of a business's jobs is live, of all with "".
func liveJobsOf(business string) string {
	if business == "" {
		business = webhook.AllBusinesses
	}
	return Base + "live/jobs/" + business
}

// begin asks how many dead letters a filter selects, and has all of them worked on.
func (c *Console) begin(v *visit) error {
	f := c.filterOf(v)
	if len(f.Faults) > 0 {
		return operate.ErrInvalid
	}
	work, key := operate.Replay, "replay_all"
	tone := "ok"
	if v.posted().Get("work") == string(operate.Drop) {
		work, key, tone = operate.Drop, "drop_all", "bad"
	}
	rate, err := strconv.Atoi(strings.TrimSpace(v.posted().Get("rate")))
	if err != nil && v.posted().Get("rate") != "" {
		return v.back("dead-letters", "rate", f.Values())
	}
	n, err := c.Desk.CountDeadLetters(v.ctx(), v.actor, f.LetterFilter)
	if err != nil {
		return err
	}
	ask := sureView{Key: key, Action: "dead-letters/begin", Tone: tone, Back: "dead-letters?" + f.Query(), N: int(n)}
	if ok, err := c.sure(v, ask); !ok {
		return err
	}
	if _, err := c.Desk.BeginJob(v.ctx(), v.actor, work, f.LetterFilter, rate); err != nil {
		return err
	}
	return v.back("dead-letters", "begun", f.Values())
}

func (c *Console) cancel(v *visit) error {
	business := v.posted().Get("of")
	ok, err := c.Desk.CancelJob(v.ctx(), v.actor, business, v.posted().Get("job"))
	switch {
	case err != nil:
		return err
	case !ok:
		return v.back("dead-letters", "gone", url.Values{"business": {business}})
	}
	return v.back("dead-letters", "cancelled", url.Values{"business": {business}})
}
