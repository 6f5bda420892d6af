package operate_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// inTime runs a test in a bubble, where the house has the bubble's clock.
func inTime(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		h := newHouse()
		test(t, h)
	})
}

func bubble(o *operate.Options) { o.Now = time.Now }

func replayAll() operate.LetterFilter {
	return operate.LetterFilter{Business: "acme", Endpoint: "crm"}
}

func begin(t *testing.T, d *operate.Desk, rate int) operate.Job {
	t.Helper()
	j, err := d.BeginJob(t.Context(), clerk(), operate.Replay, replayAll(), rate)
	if err != nil {
		t.Fatalf("begin: %v", err)
	}
	return j
}

// once tells that every dead letter was worked on, and none twice.
func (h *house) once(t *testing.T, how string, of webhook.EndpointKey, n int) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	worked := slices.Clone(h.worked)
	slices.Sort(worked)
	if len(worked) != n || len(slices.Compact(worked)) != n || n > 0 && worked[0] != how+" "+of.Business+":"+of.Endpoint+":0" {
		t.Errorf("%d were worked on, want each of %d once: %q", len(h.worked), n, worked[:min(3, len(worked))])
	}
}

func (h *house) job(e webhook.EndpointKey) operate.Job {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.jobs[e]
}

func (h *house) left() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.letters)
}

// node has a desk work in the background; stop ends it as a crash would, at once.
func (h *house) node(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var run sync.WaitGroup
	d := h.open(t, bubble)
	run.Go(func() { d.Work(ctx) })
	return func() { cancel(); run.Wait() }
}

func TestAJobBeginsWithWhatIsThere(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	f := replayAll()
	f.Reason, f.Status, f.Since, f.Until = "refused", 422, morning().Add(-time.Hour), morning().Add(time.Hour)
	j, err := d.BeginJob(t.Context(), clerk(), operate.Drop, f, 7)
	f.Until = morning() // what becomes a dead letter from now on is not the job's
	want := operate.Job{ID: j.ID, Work: operate.Drop, Filter: f, Rate: 7, By: "token-acme", State: "running", Total: 3, Begun: morning()}
	if err != nil || j != want || h.jobs[crm()] != want {
		t.Errorf("%+v, %v, want\n%+v", j, err, want)
	}
	if _, err := d.BeginJob(t.Context(), operator(), operate.Replay, replayAll(), 0); !errors.Is(err, operate.ErrUnderWay) {
		t.Errorf("a second one: %v", err)
	}
	h.compare(t, []string{
		"acme token-acme dead_letter_drop endpoint=crm job=* begun", "acme token-acme dead_letter_drop endpoint=crm job=* done",
		"acme token-all dead_letter_replay endpoint=crm job=* begun", "acme token-all dead_letter_replay endpoint=crm job=* refused",
	})
	before := morning().Add(-time.Minute)
	other, err := d.BeginJob(t.Context(), clerk(), operate.Replay, operate.LetterFilter{Business: "acme", Endpoint: "bot", Until: before}, 0)
	if err != nil || other.Rate != 50 || !other.Filter.Until.Equal(before) || other.Total != 0 {
		t.Errorf("%+v, %v", other, err)
	}
}

func TestWhatIsNoJobIsNotBegun(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	for name, row := range map[string]struct {
		change func(*operate.LetterFilter)
		work   operate.Work
		rate   int
		want   error
	}{
		"without an endpoint":   {func(f *operate.LetterFilter) { f.Endpoint = "" }, operate.Replay, 1, operate.ErrInvalid},
		"of one conversation":   {func(f *operate.LetterFilter) { f.Conversation = customer }, operate.Replay, 1, operate.ErrInvalid},
		"of another kind":       {func(*operate.LetterFilter) {}, "burn", 1, operate.ErrInvalid},
		"slower than nothing":   {func(*operate.LetterFilter) {}, operate.Replay, -1, operate.ErrInvalid},
		"faster than allowed":   {func(*operate.LetterFilter) {}, operate.Replay, 1001, operate.ErrInvalid},
		"of another endpoint":   {func(f *operate.LetterFilter) { f.Endpoint = "nothing" }, operate.Replay, 1, operate.ErrUnknown},
		"of another's business": {func(f *operate.LetterFilter) { f.Business = "umbrella" }, operate.Replay, 1, operate.ErrUnknown},
	} {
		f := replayAll()
		row.change(&f)
		if j, err := d.BeginJob(t.Context(), clerk(), row.work, f, row.rate); !errors.Is(err, row.want) || j.ID != "" {
			t.Errorf("%s: %+v, %v", name, j, err)
		}
	}
	h.compare(t, nil)
}

func TestANodeDoesAJobAtItsRate(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 100)
		h.dies(webhook.EndpointKey{Business: "acme", Endpoint: "bot"}, 5)
		var at []time.Time
		h.step = func() { at = append(at, time.Now()) }
		stop := h.node(t)
		began := time.Now()
		begin(t, h.open(t, bubble), 10)
		for h.job(crm()).State != operate.Ended {
			time.Sleep(time.Second)
		}
		// 2 seconds until a node looks, 10 for the work.
		if took := time.Since(began); took < 10*time.Second || took > 14*time.Second {
			t.Errorf("100 at 10 a second took %v", took)
		}
		for i := 10; i < len(at); i++ {
			if d := at[i].Sub(at[i-10]); d < time.Second {
				t.Fatalf("11 within %v", d)
			}
		}
		if j := h.job(crm()); j.Done != 100 || j.Gone != 0 || j.Failed != 0 {
			t.Errorf("it is told as %+v", j)
		}
		stop()
		h.once(t, "replay", crm(), 100)
		if len(h.letters) != 5 {
			t.Errorf("%d dead letters of the other endpoint are left", len(h.letters))
		}
	})
}

// A node that dies leaves its job to another, which begins with what is left: nothing is
// worked on twice. What the dead one did after its last word, at most a second's work, is
// in no sum.
func TestAJobOfADeadNodeIsFinishedByAnother(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 100)
		h.letters[1].Delivery.Unreadable = true // each shift meets it
		first := h.node(t)
		begin(t, h.open(t, bubble), 10)
		time.Sleep(5500 * time.Millisecond)
		first()
		second := h.node(t)
		time.Sleep(5 * time.Second)
		if j := h.job(crm()); j.State != operate.Running || j.Done > 60 {
			t.Errorf("before the lease is over it is told as %+v", j)
		}
		h.die(crm())
		for h.job(crm()).State == operate.Running {
			time.Sleep(time.Second)
		}
		second()
		h.once(t, "replay", crm(), 99)
		if j := h.job(crm()); j.Done+j.Gone < 89 || j.Done > 99 || j.Failed != 1 || j.State != operate.Ended {
			t.Errorf("it is told as %+v", j)
		}
	})
}

// A node that was only slow, and whose job is another's, notices within a second.
func TestTwoNodesWithOneJobDoNothingTwice(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 200)
		slow := h.node(t)
		begin(t, h.open(t, bubble), 20)
		time.Sleep(4 * time.Second)
		h.die(crm())
		other := h.node(t)
		for h.job(crm()).State == operate.Running {
			time.Sleep(time.Second)
		}
		slow()
		other()
		h.once(t, "replay", crm(), 200)
		if j := h.job(crm()); j.Done > 200 || j.Done+j.Gone < 160 {
			t.Errorf("it is told as %+v", j)
		}
	})
}

func TestACancelledJobStopsWithinASecond(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 100)
		stop := h.node(t)
		d := h.open(t, bubble)
		j := begin(t, d, 10)
		time.Sleep(5 * time.Second)
		if ok, err := d.CancelJob(t.Context(), clerk(), "acme", j.ID); !ok || err != nil {
			t.Fatalf("cancel: %t, %v", ok, err)
		}
		before := h.left()
		time.Sleep(10 * time.Second)
		stop()
		if got := h.job(crm()); got.State != operate.Cancelled || before-len(h.letters) > 10 || len(h.letters) < 40 || got.Done != int64(100-len(h.letters)) {
			t.Errorf("%d were left when it was cancelled, %d are, and it is told as %+v", before, len(h.letters), got)
		}
		if ok, err := d.CancelJob(t.Context(), clerk(), "acme", j.ID); ok || err != nil {
			t.Errorf("cancel again: %t, %v", ok, err)
		}
		want := []string{
			"acme token-acme dead_letter_replay endpoint=crm job=* begun", "acme token-acme dead_letter_replay endpoint=crm job=* done",
			"acme token-acme job_cancel endpoint=crm job=* begun", "acme token-acme job_cancel endpoint=crm job=* done",
			"acme token-acme job_cancel endpoint=crm job=* begun", "acme token-acme job_cancel endpoint=crm job=* nothing",
		}
		h.compare(t, want)
	})
}

func TestAJobGoesOnAfterTheStoreWasAway(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 100)
		stop := h.node(t)
		begin(t, h.open(t, bubble), 10)
		time.Sleep(4 * time.Second)
		h.mu.Lock()
		h.fault = errAway()
		h.mu.Unlock()
		time.Sleep(10 * time.Second)
		h.mu.Lock()
		h.fault = nil
		h.mu.Unlock()
		for h.job(crm()).State == operate.Running {
			time.Sleep(time.Second)
		}
		stop()
		h.once(t, "replay", crm(), 100)
	})
}

// An endpoint that was taken out of the configuration has no job: nobody claims it, and
// nobody sees it.
func TestAJobOfARemovedEndpointIsNobodys(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		gone := webhook.EndpointKey{Business: "acme", Endpoint: "former"}
		h.dies(gone, 3)
		h.jobs[gone] = operate.Job{ID: "J1", State: operate.Running, Work: operate.Drop, Rate: 10, Filter: operate.LetterFilter{Business: "acme", Endpoint: "former"}}
		stop := h.node(t)
		time.Sleep(time.Minute)
		stop()
		h.once(t, "drop", gone, 0)
		d := h.open(t, bubble)
		if all, err := d.JobList(t.Context(), operator(), ""); len(all) != 0 || err != nil {
			t.Errorf("jobs: %v, %v", all, err)
		}
		if ok, err := d.CancelJob(t.Context(), operator(), "acme", "J1"); ok || !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("cancel: %t, %v", ok, err)
		}
	})
}

func TestJobsAreSeenByTheirBusiness(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	j := begin(t, d, 0)
	other, err := d.BeginJob(t.Context(), operator(), operate.Drop, operate.LetterFilter{Business: "umbrella", Endpoint: "bot"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		by   operate.Actor
		of   string
		want []string
		err  error
	}{
		{operator(), "", []string{j.ID, other.ID}, nil},
		{operator(), "umbrella", []string{other.ID}, nil},
		{clerk(), "", []string{j.ID}, nil},
		{clerk(), "umbrella", nil, operate.ErrUnknown},
		{operator(), "nobody", nil, operate.ErrUnknown},
		{operate.Actor{}, "", nil, nil},
		{operate.Actor{}, "acme", nil, operate.ErrUnknown},
	} {
		all, err := d.JobList(t.Context(), row.by, row.of)
		var ids []string
		for _, one := range all {
			ids = append(ids, one.ID)
		}
		if !slices.Equal(ids, row.want) || !errors.Is(err, row.err) {
			t.Errorf("%q sees of %q %q, %v", row.by.Business, row.of, ids, err)
		}
	}
	if got, err := d.Job(t.Context(), clerk(), "acme", j.ID); got != j || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	for _, row := range [][2]string{{"umbrella", other.ID}, {"acme", other.ID}, {"", j.ID}, {"acme", ""}} {
		if _, err := d.Job(t.Context(), clerk(), row[0], row[1]); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("%q: %v", row, err)
		}
		if _, err := d.CancelJob(t.Context(), clerk(), row[0], row[1]); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("cancel %q: %v", row, err)
		}
	}
}

// A command does its job itself, and tells how far it is.
func TestACommandFinishesItsJob(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 100)
		d := h.open(t, bubble)
		j := begin(t, d, 10)
		var told []int64
		j, err := d.Finish(t.Context(), j, func(j operate.Job) { told = append(told, j.Done) })
		if err != nil || j.State != operate.Ended || j.Done != 100 {
			t.Errorf("%+v, %v", j, err)
		}
		if len(told) < 9 || !slices.IsSorted(told) || told[len(told)-1] != 100 {
			t.Errorf("it told %v", told)
		}
		h.once(t, "replay", crm(), 100)
	})
}

// Where a node was faster the command looks on, and tells what that does.
func TestACommandFollowsAJobOfANode(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		after func(*testing.T, *house, *operate.Desk, operate.Job)
		state string
	}{
		"to its end": {func(*testing.T, *house, *operate.Desk, operate.Job) {}, operate.Ended},
		"until somebody cancels it": {func(t *testing.T, _ *house, d *operate.Desk, j operate.Job) {
			t.Helper()
			if ok, err := d.CancelJob(t.Context(), clerk(), "acme", j.ID); !ok || err != nil {
				t.Errorf("cancel: %t, %v", ok, err)
			}
		}, operate.Cancelled},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T, h *house) {
				h.dies(crm(), 100)
				stop := h.node(t)
				d := h.open(t, bubble)
				j := begin(t, d, 10)
				time.Sleep(3 * time.Second)
				var all sync.WaitGroup
				all.Go(func() { time.Sleep(4 * time.Second); row.after(t, h, d, j) })
				told := 0
				got, err := d.Finish(t.Context(), j, func(operate.Job) { told++ })
				if err != nil || got.State != row.state || told == 0 {
					t.Errorf("%+v, told %d times, %v", got, told, err)
				}
				all.Wait()
				stop()
			})
		})
	}
}

func TestACommandThatIsBrokenOffLeavesItsJobToTheNodes(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		h.dies(crm(), 100)
		d := h.open(t, bubble)
		j := begin(t, d, 10)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if got, err := d.Finish(ctx, j, func(operate.Job) {}); !errors.Is(err, context.DeadlineExceeded) || got.State != operate.Running {
			t.Errorf("%+v, %v", got, err)
		}
		h.die(crm())
		stop := h.node(t)
		for h.job(crm()).State == operate.Running {
			time.Sleep(time.Second)
		}
		stop()
		h.once(t, "replay", crm(), 100)
	})
}

func TestAJobThatANewerOneReplacedIsNotFollowed(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, h *house) {
		d := h.open(t, bubble)
		j := begin(t, d, 10)
		h.jobs[crm()] = operate.Job{ID: "a newer one", State: operate.Ended, Filter: replayAll()}
		if _, err := d.Finish(t.Context(), j, func(operate.Job) {}); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("%v", err)
		}
	})
}
