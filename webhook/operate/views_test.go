package operate_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/operate"
)

func lastHour() operate.Span { return operate.LastSpan(morning(), time.Hour) }

func TestTheLastSpanEndsWithThePresentMinute(t *testing.T) {
	t.Parallel()
	s := lastHour()
	if want := time.Date(2026, 9, 10, 8, 31, 0, 0, time.UTC); !s.To.Equal(want) || !s.From.Equal(want.Add(-time.Hour)) {
		t.Errorf("%v to %v", s.From, s.To)
	}
}

func TestTheOverviewSumsWhatTheActorSees(t *testing.T) {
	t.Parallel()
	h := full()
	h.dies(webhook.EndpointKey{Business: "umbrella", Endpoint: "bot"}, 2)
	h.held = append(h.held, operate.HeldEvent{ID: "1", Business: "_main"})
	minute := lastHour().From
	event := func(what string) webhook.Figure {
		return webhook.Figure{Business: "acme", Kind: webhook.FigureEvent, What: what}
	}
	h.counts = []operate.Counted{
		{Figure: event("masked"), At: minute, N: 7},
		{Figure: event("shown"), At: minute.Add(59 * time.Minute), N: 5},
		{Figure: webhook.Figure{Business: "acme", Kind: webhook.FigureDecision, What: "hidden"}, At: minute, N: 99},
	}
	d := h.open(t)
	o, err := d.Overview(t.Context(), operator(), operate.Query{Span: lastHour(), Step: 10 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, b := range o.Businesses {
		ids = append(ids, b.Business)
	}
	if !slices.Equal(ids, []string{"acme", "umbrella", "_main"}) {
		t.Errorf("businesses %q", ids)
	}
	// The counters have 8:00, 8:10, 8:20 and 8:30 of that hour, and 7:40 and 7:50: 10 each.
	if got := o.All.Total; got.Accepted != 60 || got.Delivered != 24 || got.Masked != 7 || got.Shown != 5 {
		t.Errorf("in total %+v", got)
	}
	if a := o.All; a.Waiting != 105 || a.Held != 2 || a.Dead != 5 || a.Paused != 1 || a.Unaccounted != 4 || !a.Oldest.Equal(morning().Add(-2*time.Hour)) || !a.LookedAt.Equal(morning().Add(-time.Hour)) {
		t.Errorf("now %+v", a)
	}
	if len(o.All.Series) != 6 || o.All.Series[0].Masked != 7 || o.All.Series[5].Shown != 5 || o.Acknowledged.N != 4 {
		t.Errorf("the series is %+v", o.All.Series)
	}
	sum := int64(0)
	for i, p := range o.All.Series {
		if sum += p.Accepted; !p.From.Equal(minute.Add(time.Duration(i)*10*time.Minute)) || !p.To.Equal(p.From.Add(10*time.Minute)) {
			t.Errorf("step %d is %v to %v", i, p.From, p.To)
		}
	}
	if sum != 60 {
		t.Errorf("the series sums to %d", sum)
	}
	own, err := d.Overview(t.Context(), clerk(), operate.Query{Span: lastHour()})
	if err != nil || len(own.Businesses) != 1 || own.All.Waiting != 5 || own.All.Dead != 3 || own.Step != time.Minute || len(own.All.Series) != 60 {
		t.Errorf("a clerk's is %+v, %v", own, err)
	}
	if none, err := d.Overview(t.Context(), operate.Actor{}, operate.Query{Span: lastHour()}); err != nil || len(none.Businesses) != 0 || none.All.Waiting != 0 {
		t.Errorf("nobody's is %+v, %v", none, err)
	}
}

func TestStepsAreWholeMinutes(t *testing.T) {
	t.Parallel()
	d := full().open(t)
	to := lastHour().To
	for _, row := range []struct {
		length, step time.Duration
		want         time.Duration
	}{
		{time.Hour, 0, time.Minute},
		{24 * time.Hour, 0, 24 * time.Minute},
		{operate.MostSpan, 0, 192 * time.Minute},
		{time.Minute, 0, time.Minute},
		{1000 * time.Minute, time.Minute, time.Minute},
		{1001 * time.Minute, time.Minute, 0},
		{time.Hour, 90 * time.Second, 0},
		{time.Hour, time.Second, 0},
		{time.Hour, -time.Minute, 0},
		{operate.MostSpan + time.Minute, 0, 0},
		{0, 0, 0},
		{-time.Hour, 0, 0},
	} {
		o, err := d.Overview(t.Context(), operator(), operate.Query{Span: operate.Span{From: to.Add(-row.length), To: to}, Step: row.step})
		if (row.want == 0) != errors.Is(err, operate.ErrInvalid) || o.Step != row.want {
			t.Errorf("%v by %v: %v, %v", row.length, row.step, o.Step, err)
		}
	}
}

// Who looks all the time costs the store little: a read is good for 2 seconds, and for a
// minute where the hour is over.
func TestCountersAreReadNowAndThen(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	look := func() int {
		t.Helper()
		before := h.asked
		if _, err := d.Balance(t.Context(), clerk(), "acme", operate.Span{From: morning().Truncate(time.Hour).Add(-4 * time.Hour), To: lastHour().To}, false); err != nil {
			t.Fatal(err)
		}
		return h.asked - before
	}
	for _, row := range []struct {
		after time.Duration
		want  int
	}{{0, 5}, {0, 0}, {1900 * time.Millisecond, 0}, {200 * time.Millisecond, 2}, {58 * time.Second, 5}} {
		h.later(row.after)
		if got := look(); got != row.want {
			t.Errorf("%v later %d hours were read, want %d", row.after, got, row.want)
		}
	}
}

func TestABalanceIsOfOneBusiness(t *testing.T) {
	t.Parallel()
	d := full().open(t)
	total, err := d.Balance(t.Context(), clerk(), "acme", lastHour(), false)
	want := operate.Tally{From: lastHour().From, To: lastHour().To, Accepted: 60, Delivered: 24, Waiting: 18, Dead: 6, Held: 6, Lost: 6}
	if diff := cmp.Diff([]operate.Tally{want}, total.Rows); err != nil || diff != "" || total.Unaccounted != 1 || !total.LookedAt.Equal(morning()) {
		t.Errorf("%+v, %v (-want +got):\n%s", total, err, diff)
	}
	rows, err := d.Balance(t.Context(), clerk(), "acme", lastHour(), true)
	if err != nil || len(rows.Rows) != 6 || rows.Rows[0].Accepted != 10 {
		t.Errorf("by minutes: %+v, %v", rows, err)
	}
	if _, err := d.Balance(t.Context(), operator(), "_main", lastHour(), true); err != nil {
		t.Errorf("an app's own: %v", err)
	}
	for _, of := range []string{"umbrella", "", "_main", "_"} {
		if _, err := d.Balance(t.Context(), clerk(), of, lastHour(), true); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("of %q by a clerk: %v", of, err)
		}
	}
	if _, err := d.Balance(t.Context(), clerk(), "acme", operate.Span{}, true); !errors.Is(err, operate.ErrInvalid) {
		t.Errorf("of no time: %v", err)
	}
}

func TestAnEndpointHasAState(t *testing.T) {
	t.Parallel()
	h := newHouse()
	h.dies(crm(), 3)
	d := h.open(t)
	for name, row := range map[string]struct {
		is    webhook.Standstill
		state string
		until time.Time
	}{
		"delivering":       {webhook.Standstill{}, "delivering", time.Time{}},
		"paused":           {webhook.Standstill{Paused: true, Pause: webhook.Pause{Left: time.Minute, Reason: "timeout", Count: 2}}, "paused", morning().Add(time.Minute)},
		"before a probe":   {webhook.Standstill{Paused: true, Pause: webhook.Pause{Reason: "timeout", Count: 2}}, "probe_due", time.Time{}},
		"during the probe": {webhook.Standstill{Paused: true, Probed: true, Pause: webhook.Pause{Left: time.Second, Reason: "timeout", Count: 2}}, "probing", time.Time{}},
		"off":              {webhook.Standstill{Paused: true, Pause: webhook.Pause{Endless: true, Left: time.Minute, Reason: "timeout", Count: 2}}, "off", time.Time{}},
	} {
		h.pauses[crm()] = row.is
		all, err := d.Endpoints(t.Context(), clerk(), "acme")
		if err != nil || len(all) != 3 {
			t.Fatalf("%d, %v", len(all), err)
		}
		want := operate.Endpoint{
			Key: crm(), Target: "https://crm.example:8443", Fields: []string{"messages"}, State: row.state, Reason: row.is.Pause.Reason, Until: row.until, Pauses: row.is.Pause.Count,
			Waiting: 3, Oldest: morning().Add(-time.Hour), Dead: 3, Here: &operate.Here{Most: 32, Limit: 4, InFlight: 2, Queued: 9},
		}
		if diff := cmp.Diff(want, all[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if all[1].Here != nil || all[1].State != "delivering" || !all[2].Platform || all[2].Target != "" {
			t.Errorf("the others are %+v", all[1:])
		}
	}
	if all, err := d.Endpoints(t.Context(), operator(), ""); len(all) != 6 || err != nil {
		t.Errorf("all: %d, %v", len(all), err)
	}
	if all, err := d.Endpoints(t.Context(), clerk(), ""); len(all) != 3 || err != nil {
		t.Errorf("a clerk's: %d, %v", len(all), err)
	}
	if _, err := d.Endpoints(t.Context(), clerk(), "umbrella"); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("another's: %v", err)
	}
}

func TestALaneIsFoundByItsHash(t *testing.T) {
	t.Parallel()
	h := newHouse()
	at, aside := lane(crm(), ""), lane(crm(), "~evt_9")
	h.waits(at, delivery(0), delivery(1), delivery(2))
	h.waits(aside, delivery(9))
	d := h.open(t)
	hash := webhook.LaneHash(prf{}, at)
	l, err := d.Lane(t.Context(), clerk(), crm(), hash)
	if err != nil || l.Hash != hash || l.Waiting != 3 || l.Aside || !l.Oldest.Equal(morning().Add(-10*time.Minute)) || !l.NextTry.Equal(morning().Add(time.Minute)) || !l.LeaseUntil.IsZero() || l.Attempts != 2 || l.Refusals != 1 {
		t.Fatalf("%+v, %v", l, err)
	}
	want := operate.Event{ID: "evt_0", Field: "messages", Kind: "text", Accepted: morning().Add(-10 * time.Minute)}
	if len(l.Events) != 3 || l.Events[0] != want {
		t.Errorf("events %+v", l.Events)
	}
	tried := operate.Tried{
		At: morning().Add(2 * time.Second), Endpoint: crm(), Lane: hash, Event: "evt_2", Field: "messages", Kind: "text", Number: 3, Status: 503,
		Reason: "server_error", Outcome: "again", Took: 40 * time.Millisecond,
	}
	if len(l.Tried) != 3 || l.Tried[0] != tried {
		t.Errorf("tried %+v, want %+v first", l.Tried, tried)
	}
	s := h.queues[at]
	s.Leased = true
	h.queues[at] = s
	if l, err := d.Lane(t.Context(), clerk(), crm(), hash); err != nil || !l.LeaseUntil.Equal(morning().Add(time.Minute)) || !l.NextTry.IsZero() {
		t.Errorf("in hand: %+v, %v", l, err)
	}
	if l, err := d.Lane(t.Context(), clerk(), crm(), webhook.LaneHash(prf{}, aside)); err != nil || !l.Aside {
		t.Errorf("aside: %+v, %v", l, err)
	}
	all, _, err := d.Lanes(t.Context(), clerk(), crm(), operate.Page{Limit: 10})
	if err != nil || len(all) != 2 || len(all[0].Events) != 1 {
		t.Errorf("lanes: %+v, %v", all, err)
	}
	bot := webhook.EndpointKey{Business: "acme", Endpoint: "bot"}
	for _, row := range []struct {
		by   operate.Actor
		of   webhook.EndpointKey
		hash string
	}{{clerk(), bot, hash}, {clerk(), crm(), customer}, {clerk(), crm(), ""}, {clerk(), webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}, hash}, {operator(), webhook.EndpointKey{Endpoint: "crm"}, hash}} {
		if _, err := d.Lane(t.Context(), row.by, row.of, row.hash); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("%v %q: %v", row.of, row.hash, err)
		}
	}
	if _, _, err := d.Lanes(t.Context(), clerk(), webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}, operate.Page{}); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("another's lanes: %v", err)
	}
}

// By a handle only what is under it is told: not what others in the same group wrote.
func TestDeliveriesAreThoseOfOneHandle(t *testing.T) {
	t.Parallel()
	h := newHouse()
	other := delivery(1)
	other.Handle = "IT.0000000000000000000000"
	nobodys := delivery(2)
	nobodys.Handle = ""
	h.waits(lane(crm(), ""), delivery(0), other, nobodys)
	h.waits(webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: "somebody else"}, delivery(5))
	h.dies(webhook.EndpointKey{Business: "acme", Endpoint: "bot"}, 2)
	h.letters[1].Lane.Conversation = "somebody else"
	d := h.open(t)
	got, err := d.Deliveries(t.Context(), clerk(), "acme", handle)
	if err != nil || len(got.Lanes) != 1 || got.Lanes[0].Waiting != 3 || len(got.Lanes[0].Events) != 2 || got.Lanes[0].Events[1].ID != "evt_2" {
		t.Fatalf("%+v, %v", got, err)
	}
	if len(got.Tried) != 3 || len(got.Dead) != 1 || got.Dead[0].Event != "evt_0" {
		t.Errorf("tried %d, dead %+v", len(got.Tried), got.Dead)
	}
	for _, row := range []struct {
		by     operate.Actor
		of     string
		handle string
		want   error
	}{
		{clerk(), "acme", number, webhook.ErrUnknownHandle},
		{clerk(), "acme", "", webhook.ErrUnknownHandle},
		{clerk(), "acme", "IT.0000000000000000000000", webhook.ErrUnknownHandle},
		{operator(), "umbrella", handle, webhook.ErrUnknownHandle},
		{clerk(), "umbrella", handle, operate.ErrUnknown},
		{operator(), "", handle, operate.ErrUnknown},
		{operator(), "_main", handle, operate.ErrUnknown},
	} {
		if _, err := d.Deliveries(t.Context(), row.by, row.of, row.handle); !errors.Is(err, row.want) {
			t.Errorf("%q of %q: %v", row.handle, row.of, err)
		}
	}
}

func TestAttemptsAreRememberedByTheirNode(t *testing.T) {
	t.Parallel()
	recent := operate.NewRecent()
	h := newHouse()
	d := h.open(t, func(o *operate.Options) { o.Recent = recent })
	umbrella := webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}
	for n := range 5000 { // a node remembers 4096
		of := crm()
		if n%5 == 0 {
			of = umbrella
		}
		recent.Note(webhook.Attempt{Lane: lane(of, ""), Delivery: delivery(n), Began: morning().Add(time.Duration(n) * time.Second)})
	}
	all, err := d.Attempts(operator(), webhook.EndpointKey{}, 1<<20)
	if err != nil || len(all) != 500 || all[0].Event != "evt_4999" || all[499].Event != "evt_4500" {
		t.Errorf("%d, %v", len(all), err)
	}
	own, err := d.Attempts(clerk(), webhook.EndpointKey{}, 5)
	if err != nil || len(own) != 5 || slices.ContainsFunc(own, func(a operate.Tried) bool { return a.Endpoint != crm() }) || own[4].Event != "evt_4994" {
		t.Errorf("a clerk's: %+v, %v", own, err)
	}
	if some, err := d.Attempts(operator(), umbrella, 0); err != nil || len(some) != 1 || some[0].Event != "evt_4995" {
		t.Errorf("umbrella's: %+v, %v", some, err)
	}
	if _, err := d.Attempts(clerk(), umbrella, 1); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("another's: %v", err)
	}
	elsewhere := h.open(t, func(o *operate.Options) { o.Recent = nil })
	if none, err := elsewhere.Attempts(operator(), webhook.EndpointKey{}, 10); len(none) != 0 || err != nil {
		t.Errorf("where nothing is delivered: %v, %v", none, err)
	}
}

func TestDeadLettersAndHeldEventsAreListed(t *testing.T) {
	t.Parallel()
	h := full()
	h.dies(webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}, 1)
	h.held = append(h.held, operate.HeldEvent{ID: "2", Business: "_main"})
	d := h.open(t)
	some, next, err := d.DeadLetters(t.Context(), clerk(), operate.LetterFilter{Business: "acme"}, operate.Page{Limit: 2})
	want := operate.DeadLetter{
		ID: "acme:crm:0", Endpoint: crm(), Event: "evt_0", Field: "messages", Kind: "text", Reason: "refused", Status: 422, Attempts: 2,
		Accepted: morning().Add(-10 * time.Minute), FirstTry: morning().Add(-time.Minute), At: morning().Add(-time.Hour), Lane: webhook.LaneHash(prf{}, lane(crm(), "")),
	}
	if diff := cmp.Diff(want, some[0]); err != nil || len(some) != 2 || next == "" || diff != "" {
		t.Errorf("%d, %v (-want +got):\n%s", len(some), err, diff)
	}
	if n, err := d.CountDeadLetters(t.Context(), clerk(), operate.LetterFilter{Business: "acme", Endpoint: "crm"}); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for _, f := range []operate.LetterFilter{{Business: "umbrella"}, {}, {Business: "acme", Endpoint: "nothing"}, {Endpoint: "crm"}, {Business: "_main"}} {
		if _, _, err := d.DeadLetters(t.Context(), clerk(), f, operate.Page{}); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("%+v: %v", f, err)
		}
		if _, err := d.CountDeadLetters(t.Context(), clerk(), f); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("count %+v: %v", f, err)
		}
	}
	for of, n := range map[string]int{"acme": 1, "_main": 1, "umbrella": 0} {
		if held, _, err := d.HeldEvents(t.Context(), operator(), of, operate.Page{Limit: 10}); len(held) != n || err != nil {
			t.Errorf("held of %s: %v, %v", of, held, err)
		}
	}
	for _, of := range []string{"_main", "umbrella", "", "nobody"} {
		if _, _, err := d.HeldEvents(t.Context(), clerk(), of, operate.Page{}); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("held of %q by a clerk: %v", of, err)
		}
	}
	if _, err := d.WorkOnLetter(t.Context(), clerk(), "acme", "acme:crm:0", "burn"); !errors.Is(err, operate.ErrInvalid) {
		t.Errorf("another work: %v", err)
	}
}

func TestAPositionShowsNoNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]operate.Position{
		"$.entry[0].changes[1].value":         {Pointer: "/entry/0/changes/1/value"},
		"messages[0].text.body (digits)":      {Pointer: "/messages/0/text/body", Notation: "digits"},
		"messages[0].image.sha256 (base64)":   {Pointer: "/messages/0/image/sha256", Notation: "base64"},
		"$.entry[0].*":                        {Pointer: "/entry/0/*"},
		"$":                                   {},
		"byte 123":                            {Notation: "byte 123"},
		"byte 123 (digits)":                   {Notation: "byte 123"},
		"byte 393331234567":                   {Notation: "byte *"},
		"byte +393331234567":                  {Notation: "byte *"},
		"messages[0].393331234567":            {Pointer: "/messages/0/*"},
		"messages[393331234567]":              {Pointer: "/messages/*"},
		`messages["+39 333 123 4567"].x`:      {Pointer: "/messages/*/x"},
		"messages[0].٣٩٣٣٣١٢٣٤٥٦٧":            {Pointer: "/messages/0/*"},
		"messages[0].MzkzMzMxMjM0NTY3AAAAAAA": {Pointer: "/messages/0/*"},
		"messages[0].body (393331234567)":     {Pointer: "/messages/0/body", Notation: "*"},
		"a/b[0].c~d":                          {Pointer: "/*/0/*"},
	} {
		if got := operate.PositionOf(text); got != want {
			t.Errorf("%s is %+v, want %+v", text, got, want)
		}
	}
}

func TestDecisionsAreCountedByRuleAndAd(t *testing.T) {
	t.Parallel()
	h := newHouse()
	hour := morning().Truncate(time.Hour)
	of := func(kind webhook.FigureKind, what, by, why string, n int64, at time.Time) operate.Counted {
		return operate.Counted{Figure: webhook.Figure{Business: "acme", Kind: kind, What: what, By: by, Why: why}, At: at, N: n}
	}
	h.counts = []operate.Counted{
		of(webhook.FigureDecision, "hidden", "pilot", "rule", 3, hour), of(webhook.FigureDecision, "visible", "pilot", "rule", 1, hour.Add(-time.Hour)),
		of(webhook.FigureDecision, "visible", "", "no_referral", 9, hour), of(webhook.FigureDecision, "undecided", "", "no_message", 2, hour),
		of(webhook.FigureReport, "hidden", "all-ads", "visible", 4, hour), of(webhook.FigureReport, "visible", "all-ads", "visible", 5, hour),
		of(webhook.FigureEvent, "masked", "", "", 1000, hour),
	}
	for n := range 120 {
		h.ads = append(h.ads, of(webhook.FigureAd, "hidden", "1202085938475"+string(rune('a'+n/26))+string(rune('a'+n%26)), "", int64(200-n), hour.Truncate(24*time.Hour)))
	}
	h.ads = append(h.ads, of(webhook.FigureAd, "visible", "other", "", 7, hour.Truncate(24*time.Hour)))
	d := h.open(t)
	got, err := d.Decisions(t.Context(), clerk(), "acme", lastHour())
	if err != nil {
		t.Fatal(err)
	}
	wantRules := []operate.RuleCount{
		{Reason: "no_referral", Visible: 9}, {Rule: "pilot", Reason: "rule", Hidden: 3, Visible: 1}, {Reason: "no_message", Undecided: 2},
	}
	if diff := cmp.Diff(wantRules, got.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]operate.ReportCount{{Rule: "all-ads", WouldHide: 4, WouldShow: 5, Differs: 4}}, got.Reports); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	wantSeries := []operate.DecisionCount{{From: hour.Add(-time.Hour), To: hour, Visible: 1}, {From: hour, To: hour.Add(time.Hour), Hidden: 3, Visible: 9, Undecided: 2}}
	if diff := cmp.Diff(wantSeries, got.Series); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	rest := int64(0)
	for n := 100; n < 120; n++ {
		rest += int64(200 - n)
	}
	if len(got.Ads) != 100 || got.Ads[0].Hidden != 200 || got.OtherAds != (operate.AdCount{Ad: "other", Hidden: rest, Visible: 7}) {
		t.Errorf("%d ads, others %+v", len(got.Ads), got.OtherAds)
	}
	for _, of := range []string{"umbrella", "", "_main"} {
		if _, err := d.Decisions(t.Context(), clerk(), of, lastHour()); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("of %q: %v", of, err)
		}
		if _, err := d.Sharing(t.Context(), clerk(), of, lastHour()); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("sharing of %q: %v", of, err)
		}
	}
	if _, err := d.Decisions(t.Context(), clerk(), "acme", operate.Span{}); !errors.Is(err, operate.ErrInvalid) {
		t.Errorf("of no time: %v", err)
	}
}

func TestSharingIsCountedByTheLedgersLines(t *testing.T) {
	t.Parallel()
	h := newHouse()
	hour := morning().Truncate(time.Hour)
	for i, line := range []sharing.LineType{
		sharing.LineAsked, sharing.LineShared, sharing.LineDeclined, sharing.LineExpired, sharing.LineWithdrawn, sharing.LineUnasked, sharing.LineRefused,
		sharing.LineHidden, sharing.LineErased, sharing.LineText, sharing.LineRenewed, sharing.LineImported, "of a newer version",
	} {
		f := webhook.Figure{Business: "acme", Kind: webhook.FigureSharing, What: string(line)}
		h.counts = append(h.counts, operate.Counted{Figure: f, At: hour, N: int64(i + 1)}, operate.Counted{Figure: f, At: hour.Add(-time.Hour), N: 100})
	}
	got, err := h.open(t).Sharing(t.Context(), clerk(), "acme", lastHour())
	if err != nil {
		t.Fatal(err)
	}
	sums := func(s operate.SharingCount) []int64 {
		return []int64{s.Asked, s.Shared, s.Declined, s.Expired, s.Withdrawn, s.Undeliverable, s.Refused, s.HiddenAgain, s.Erased}
	}
	if want := []int64{101, 102, 103, 104, 105, 106, 107, 108, 109}; !slices.Equal(sums(got.Total), want) {
		t.Errorf("in total %v", sums(got.Total))
	}
	if want := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}; len(got.Series) != 2 || !slices.Equal(sums(got.Series[1]), want) || !got.Series[1].From.Equal(hour) {
		t.Errorf("the series is %+v", got.Series)
	}
}

func TestTheConfigurationIsForWhoSeesEverything(t *testing.T) {
	t.Parallel()
	h := newHouse()
	d := h.open(t)
	if got, err := d.Configuration(operator()); got.File != "bauta.yaml" || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	for _, a := range []operate.Actor{clerk(), {}} {
		if got, err := d.Configuration(a); got.File != "" || !errors.Is(err, operate.ErrNotYours) {
			t.Errorf("%+v sees %+v, %v", a, got, err)
		}
	}
	elsewhere := h.open(t, func(o *operate.Options) { o.Settings, o.Reloader = nil, nil })
	if _, err := elsewhere.Configuration(operator()); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("where nothing runs: %v", err)
	}
	if _, err := elsewhere.Reload(t.Context(), operator()); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("reload where nothing runs: %v", err)
	}
	h.compare(t, nil)
}
