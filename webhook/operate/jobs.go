package operate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"bauta/webhook"
)

// The states of a job.
const (
	Running   = "running"
	Ended     = "ended"
	Cancelled = "cancelled"
)

// MostRate is the highest rate of a job, in dead letters a second; usualRate is for who
// names none.
const (
	MostRate  = 1000
	usualRate = 50
)

// Job is work on many dead letters of one endpoint. It goes on when nobody watches: a
// node does it, and another one where that node ends. What became a dead letter after it
// began is not its.
type Job struct {
	ID   string
	Work Work
	// Filter names one endpoint, and ends at the time the job began.
	Filter LetterFilter
	// Rate is how many dead letters are worked on in a second at most.
	Rate  int
	By    string
	State string
	// Total is how many there were when it began. Done were replayed or dropped, Gone were
	// not there any more, Failed cannot be worked on by this version and stay. What a node
	// that died did in its last second is in none of them.
	Total, Done, Gone, Failed int64
	Begun, Ended              time.Time
}

// Endpoint that it is about.
func (j *Job) Endpoint() webhook.EndpointKey {
	return webhook.EndpointKey{Business: j.Filter.Business, Endpoint: j.Filter.Endpoint}
}

// Jobs keeps jobs: redis/jobs. Safe for concurrent use.
type Jobs interface {
	// Begin keeps a job. ErrUnderWay: the endpoint has one that has not ended.
	Begin(ctx context.Context, j Job) error
	// List tells of the newest of each of some endpoints, where there is one.
	List(ctx context.Context, ends []webhook.EndpointKey) ([]Job, error)
	// Cancel ends one; false if it is not there, or has ended.
	Cancel(ctx context.Context, e webhook.EndpointKey, id string) (bool, error)
}

// Shifts gives jobs to nodes: redis/jobs. Safe for concurrent use.
type Shifts interface {
	// Claim gives a job that nobody works on to a node; false if there is none.
	Claim(ctx context.Context, node string, ends []webhook.EndpointKey) (Job, bool, error)
	// Advance notes how far a node came, and its end by State; false: stop.
	Advance(ctx context.Context, node string, j Job) (bool, error)
}

// BeginJob has dead letters of one endpoint worked on, and returns at once. Rate 0 is 50 a
// second. ErrUnderWay: there is a job at this endpoint already.
func (d *Desk) BeginJob(ctx context.Context, a Actor, work Work, f LetterFilter, rate int) (Job, error) {
	if err := d.letters(a, f); err != nil {
		return Job{}, err
	}
	switch {
	case f.Endpoint == "":
		return Job{}, invalid("a job is about one endpoint: name it")
	case f.Conversation != "":
		return Job{}, invalid("a job is about no single conversation")
	case work != Replay && work != Drop:
		return Job{}, invalid("dead letters are replayed or dropped")
	case rate < 0 || rate > MostRate:
		return Job{}, invalid("rate is 1 to 1000 dead letters a second")
	case rate == 0:
		rate = usualRate
	}
	now := d.Now().Truncate(time.Millisecond)
	if f.Until.IsZero() || f.Until.After(now) {
		f.Until = now
	}
	j := Job{ID: rand.Text(), Work: work, Filter: f, Rate: rate, By: a.By, State: Running, Begun: now.UTC()}
	action := &Action{Business: f.Business, What: actOn(work), On: "endpoint=" + f.Endpoint + " job=" + j.ID}
	err := d.act(ctx, a, action, func(ctx context.Context) (outcome string, err error) {
		if j.Total, err = d.Letters.Count(ctx, f); err != nil {
			return Failed, err
		}
		if err := d.Jobs.Begin(ctx, j); err != nil {
			return Failed, err
		}
		return Done, nil
	})
	return j, err
}

// JobList tells of the newest job of each endpoint: of one business, or of all that the
// actor sees ("").
func (d *Desk) JobList(ctx context.Context, a Actor, business string) ([]Job, error) {
	some, err := d.businesses(a, business)
	if err != nil {
		return nil, err
	}
	var keys []webhook.EndpointKey
	for _, b := range some {
		keys = append(keys, keysOf(b)...)
	}
	jobs, err := d.Jobs.List(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return jobs, nil
}

// Job tells of one. ErrUnknown: it is not there any more, or a newer one came.
func (d *Desk) Job(ctx context.Context, a Actor, business, id string) (Job, error) {
	if business == "" {
		return Job{}, ErrUnknown
	}
	all, err := d.JobList(ctx, a, business)
	if err != nil {
		return Job{}, err
	}
	for _, j := range all {
		if j.ID == id {
			return j, nil
		}
	}
	return Job{}, ErrUnknown
}

// CancelJob ends a job; false if it had ended.
func (d *Desk) CancelJob(ctx context.Context, a Actor, business, id string) (bool, error) {
	j, err := d.Job(ctx, a, business, id)
	if err != nil {
		return false, err
	}
	cancelled := false
	action := &Action{Business: business, What: ActCancel, On: "endpoint=" + j.Filter.Endpoint + " job=" + id}
	err = d.act(ctx, a, action, func(ctx context.Context) (outcome string, err error) {
		cancelled, err = d.Jobs.Cancel(ctx, j.Endpoint(), id)
		return doneIf(cancelled), err
	})
	return cancelled, err
}

// shiftEvery is how often a node looks for jobs that nobody works on.
const shiftEvery = 2 * time.Second

// Work does jobs until ctx ends, one after the other: each node has one in hand.
func (d *Desk) Work(ctx context.Context) {
	node := rand.Text()
	ticker := time.NewTicker(shiftEvery)
	defer ticker.Stop()
	for {
		var keys []webhook.EndpointKey
		for _, b := range d.Businesses.All() {
			keys = append(keys, keysOf(b)...)
		}
		j, ok, err := d.Shifts.Claim(ctx, node, keys)
		if err == nil && ok {
			_, err = d.shift(ctx, node, j, func(Job) {})
		}
		if err != nil && ctx.Err() == nil {
			d.Logger.WarnContext(ctx, "work on dead letters was interrupted; it goes on by itself", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Finish does one job here and now, for commands, and tells of each step. A job that
// another node has in hand is left to it, and what that does is told.
func (d *Desk) Finish(ctx context.Context, j Job, tell func(Job)) (Job, error) {
	node := rand.Text()
	ticker := time.NewTicker(shiftEvery)
	defer ticker.Stop()
	for {
		mine, ok, err := d.Shifts.Claim(ctx, node, []webhook.EndpointKey{j.Endpoint()})
		if err != nil {
			return j, fmt.Errorf("work on dead letters: %w", err)
		}
		if ok && mine.ID == j.ID {
			j, err = d.shift(ctx, node, mine, tell)
			if err != nil || j.State != Running {
				return j, err
			}
		}
		found, err := d.Jobs.List(ctx, []webhook.EndpointKey{j.Endpoint()})
		if err != nil {
			return j, fmt.Errorf("work on dead letters: %w", err)
		}
		if len(found) == 0 || found[0].ID != j.ID {
			return j, ErrUnknown
		}
		if j = found[0]; j.State != Running {
			return j, nil
		}
		tell(j)
		select {
		case <-ctx.Done():
			return j, ctx.Err()
		case <-ticker.C:
		}
	}
}

// shift works on a job until it ends, is cancelled, or ctx ends. What was worked on is
// not listed any more, so that whoever goes on begins with the list anew.
func (d *Desk) shift(ctx context.Context, node string, j Job, tell func(Job)) (Job, error) {
	// Those that stay are met again by each shift.
	j.Failed = 0
	pace := time.NewTicker(time.Second / time.Duration(j.Rate))
	defer pace.Stop()
	said := d.Now()
	for cursor := ""; ; {
		some, next, err := d.Letters.List(ctx, j.Filter, cursor, MostPage)
		if err != nil {
			return j, err
		}
		for i := range some {
			if err := d.step(ctx, pace.C, &j, &some[i]); err != nil {
				return j, err
			}
			now := d.Now()
			if now.Sub(said) < time.Second {
				continue
			}
			said = now
			if goOn, err := d.Shifts.Advance(ctx, node, j); err != nil || !goOn {
				return j, err
			}
			tell(j)
		}
		if cursor = next; cursor == "" {
			j.State = Ended
			tell(j)
		}
		if goOn, err := d.Shifts.Advance(ctx, node, j); err != nil || !goOn || j.State == Ended {
			return j, err
		}
	}
}

// step works on one dead letter, when it is time.
func (d *Desk) step(ctx context.Context, pace <-chan time.Time, j *Job, l *webhook.DeadLetter) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pace:
	}
	if j.Work == Replay && l.Delivery.Unreadable {
		j.Failed++
		return nil
	}
	ok, err := d.Letters.Do(ctx, j.Work, j.Filter.Business, l.ID)
	switch {
	case err != nil && errors.Is(err, context.Canceled):
		return err
	case err != nil:
		return fmt.Errorf("%s a dead letter: %w", j.Work, err)
	case ok:
		j.Done++
	default:
		j.Gone++
	}
	return nil
}
