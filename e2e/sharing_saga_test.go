package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// The groups of the sagas: two are declared, one is not.
const (
	lisbon     = declaredGroup
	porto      = "Y2FwaV9ncm91cDoy"
	undeclared = "Y2FwaV9ncm91cDoz"
)

const subgroups = `{id: "` + lisbon + `", name: "Lisbon runners", hide: true}, {id: "` + porto + `", name: "Porto bakers", hide: true}`

// saga is a story with the groups, a platform with a clock of its own, and phones that
// are read message by message. Everything that a person does comes two seconds of the
// platform after the last.
type saga struct {
	*story

	clock *platformClock
	// console opens the ledger.
	console string
	// onPhones is how many messages were read on each phone, by the person's name.
	onPhones map[string]int
}

type platformClock struct{ ahead atomic.Int64 }

func (c *platformClock) now() time.Time       { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *platformClock) pass(d time.Duration) { c.ahead.Add(int64(d)) }

// tells starts a saga.
func tells(t testing.TB, s setup, people ...simulator.Person) *saga {
	t.Helper()
	return tellsWith(t, s, simulator.GraphOptions{People: people})
}

func tellsWith(t testing.TB, s setup, o simulator.GraphOptions) *saga {
	t.Helper()
	if s.Sharing == "" {
		s.Sharing = "ask: on_request, ask_pause: 0s, rate: 1000/s"
	}
	clock := &platformClock{}
	o.Now = clock.now
	for _, id := range []string{lisbon, porto, undeclared} {
		o.Groups = append(o.Groups, simulator.Group{ID: id, Subject: "A group", PhoneNumberID: business().PhoneNumberID})
	}
	s.Groups = subgroups
	c := converseWith(t, s, o)
	return &saga{
		story: &story{conversation: c, manage: issue(t, c.dir, "--scope", "manage")}, console: issue(t, c.dir, "--scope", "console"),
		clock: clock, onPhones: map[string]int{},
	}
}

// handle is the name of whom a delivery is about.
func (d delivery) handle() string { return d.header.Get("Bauta-Handle") }

// hidden reads the next deliveries, in which nothing names a person.
func (s *saga) hidden(t testing.TB, who simulator.Person, kinds ...string) []delivery {
	t.Helper()
	got := s.gets(t, kinds...)
	s.hides(t, who, got...)
	return got
}

// identities are what of a person must not be read.
func identities(people ...simulator.Person) []string {
	var out []string
	for _, p := range people {
		for _, identity := range []string{p.Number, p.UserID} {
			if identity != "" {
				out = append(out, identity)
			}
		}
	}
	return out
}

// hides wants none of a person's identities in deliveries.
func (s *saga) hides(t testing.TB, who simulator.Person, got ...delivery) {
	t.Helper()
	for _, d := range got {
		sweep(t, "a delivery", d.body, identities(who)...)
		for name, values := range d.header {
			sweep(t, "the header "+name, strings.Join(values, " "), identities(who)...)
		}
	}
}

// shown reads the next deliveries of a scope that was shared: the number may be there,
// the user id not.
func (s *saga) shown(t testing.TB, who simulator.Person, kinds ...string) []delivery {
	t.Helper()
	got := s.gets(t, kinds...)
	for _, d := range got {
		sweep(t, "a shared scope's delivery", d.body, identities(simulator.Person{UserID: who.UserID})...)
	}
	return got
}

// phone waits for the next message on a person's phone.
func (s *saga) phone(t testing.TB, who simulator.Person) simulator.Delivered {
	t.Helper()
	s.onPhones[who.Name]++
	got := s.on(t, who, s.onPhones[who.Name])
	s.settle(t)
	return got
}

// reads wants the next message on a person's phone to hold a text.
func (s *saga) reads(t testing.TB, who simulator.Person, part string) simulator.Delivered {
	t.Helper()
	got := s.phone(t, who)
	if !strings.Contains(got.Text, part) {
		t.Fatalf("on the phone: %q, want %q in it", got.Text, part)
	}
	return got
}

func (s *saga) joins(t testing.TB, group string, people ...simulator.Person) {
	t.Helper()
	s.moves(t, func() error { return s.graph.Join(group, people...) })
}

func (s *saga) leaves(t testing.TB, group string, who simulator.Person) {
	t.Helper()
	s.moves(t, func() error { return s.graph.Leave(group, who) })
}

// moves has something happen at the platform.
func (s *saga) moves(t testing.TB, move func() error) {
	t.Helper()
	s.clock.pass(2 * time.Second)
	if err := move(); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
}

// says has a person send a message.
func (s *saga) says(t testing.TB, m simulator.Message) {
	t.Helper()
	s.moves(t, func() error {
		_, err := s.graph.Say(business().PhoneNumberID, m)
		return err
	})
}

// writesIn has a person write in a group, in the direct chat where it is "".
func (s *saga) writesIn(t testing.TB, group string, who simulator.Person, text string) {
	t.Helper()
	m := simulator.Text(who, text)
	m.Group = group
	s.says(t, m)
}

// arrives has a person come from an ad, and returns the handle.
func (s *saga) arrives(t testing.TB, who simulator.Person) string {
	t.Helper()
	m := simulator.Text(who, "Is it in stock?")
	m.Ad = ctwa()
	s.says(t, m)
	return s.hidden(t, who, "hidden")[0].handle()
}

// taps has a person tap the nth button of a message.
func (s *saga) taps(t testing.TB, who simulator.Person, on simulator.Delivered, n int) {
	t.Helper()
	s.moves(t, func() error {
		_, err := s.graph.Tap(who, on.ID, button(t, on, n).Title)
		return err
	})
}

// requests has the business ask for the number of a handle.
func (s *saga) requests(t testing.TB, handle, state string) {
	t.Helper()
	got := s.asks(t, http.MethodPost, "/v1/customers/"+handle+"/share-requests")
	if got.status != http.StatusAccepted || in(t, got.body, "sharing", "state") != state {
		t.Fatalf("a request for the number: %d %s, want the state %s", got.status, got.body, state)
	}
}

// state is how far a customer was asked, as the business may see it.
func (s *saga) state(t testing.TB, handle string) string {
	t.Helper()
	return in(t, s.asks(t, http.MethodGet, "/v1/customers/"+handle).body, "sharing", "state")
}

// stands wants the sharing state of a handle to be this.
func (s *saga) stands(t testing.TB, handle, state string) {
	t.Helper()
	if got := s.state(t, handle); got != state {
		t.Errorf("the state is %q, want %q", got, state)
	}
}

// ledgerLine is one of the consent ledger.
type ledgerLine struct {
	Type, Handle, Scope, By, Action, Reason, Language string
	WordedBy                                          string `json:"worded_by"`
}

// ledger is what the operator reads of a handle in the consent ledger.
func (s *saga) ledger(t testing.TB, handle string) []ledgerLine {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.admin+"/v1/consents?limit=200", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.console)
	page := do(t, request)
	var all struct{ Lines []ledgerLine }
	if err := json.Unmarshal([]byte(page.body), &all); err != nil || page.status != http.StatusOK {
		t.Fatalf("the ledger: %d %s", page.status, page.body)
	}
	var lines []ledgerLine
	for _, l := range all.Lines {
		if l.Handle == handle {
			lines = append(lines, l)
		}
	}
	return lines
}

// written wants the ledger to hold these lines of a handle: types, with the reason of
// a refusal.
func (s *saga) written(t testing.TB, handle, want string) {
	t.Helper()
	var got []string
	for _, l := range s.ledger(t, handle) {
		got = append(got, strings.TrimSuffix(l.Type+":"+l.Reason, ":"))
	}
	if strings.Join(got, " ") != want {
		t.Errorf("the ledger has %q, want %q", strings.Join(got, " "), want)
	}
}

// apart wants no delivery about one handle to name another of them.
func (s *saga) apart(t testing.TB, handles ...string) {
	t.Helper()
	for _, d := range s.crm.all() {
		for _, other := range handles {
			if d.handle() != other && d.handle() != "" && strings.Contains(d.body, other) {
				t.Errorf("a delivery about one handle names another: %s", d.body)
			}
		}
	}
}

// ends wants nothing unread at the CRM, and nobody readable in the log, the metrics
// and the store, whatever they shared.
func (s *saga) ends(t testing.TB, people ...simulator.Person) {
	t.Helper()
	s.settle(t)
	s.quiet(t)
	secrets := identities(people...)
	sweep(t, "the log at debug level", s.log(), secrets...)
	for _, page := range []string{"/metrics", "/readyz", "/healthz"} {
		_, body := s.get(t, s.admin+page)
		sweep(t, page, body, secrets...)
	}
	sweep(t, "Redis", dump(t, s.redis.Address), secrets...)
}
