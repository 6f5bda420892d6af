package simulator

import (
	"math/rand/v2"
	"regexp"
	"sync"
	"time"
)

// Bounds of what is remembered; what is older goes.
const (
	maxPeople   = 200_000
	maxMessages = 200_000
	maxOnPhones = 200_000
	maxPending  = 50_000
	// maxStored is how many bytes are kept, of media and on phones.
	maxStored = 256 << 20
)

// Account is a business as the stand-in serves it: one phone number. Several may
// be of one WABA.
type Account struct {
	Business
	// AccessToken opens it; "" takes GraphOptions.AccessToken.
	AccessToken string
	// Name is the business's verified name.
	Name string
	// Portfolio has one contact book; "": the WABA is its own.
	Portfolio string
}

func (a *Account) portfolio() string {
	if a.Portfolio != "" {
		return a.Portfolio
	}
	return a.WABA
}

// GraphOptions of a Graph.
type GraphOptions struct {
	Accounts []Account
	// AccessToken opens every account without one of its own, and ads.
	AccessToken string
	// Sender posts the webhooks that follow; nil: none follow.
	Sender *Sender
	// Now is the clock; nil takes time.Now.
	Now func() time.Time
	// Seed of the ids that are given: the same seed gives the same ones.
	Seed uint64
	// People are known from the start; nobody of them has written yet.
	People    []Person
	Templates []Template
	Groups    []Group
	Ads       []AdNode
	// PairLimit answers 131056 to more than 45 messages at once and 1 per 6 s to one
	// person. Throughput answers 130429 to more messages a second; 0: no limit.
	PairLimit  bool
	Throughput int
	// Respelled group statuses name the participant in participant_recipient_id, as some
	// of Meta's own examples do (webhooks.md 2.2).
	Respelled bool
	// Observe is told of every call, right before the answer is written.
	Observe func(Call)
	// WriteBack is asked what a person writes about a message that reached them; ok
	// false: nothing.
	WriteBack func(to Person, d Delivered) (m Message, ok bool)
}

// Call is a call as the stand-in saw it. It has no header and no query, and so no
// token.
type Call struct {
	Method, Path string
	Body, Answer []byte
	Status       int
	// Code is the error's that was answered, 0 for none.
	Code int
}

// Graph stands in for graph.facebook.com: an http.Handler that answers the calls
// of webhooks.md 6 and 7 as the documents say, from memory. It shares no code with
// the product's own translation.
//
// Errors on request: a text, template name or biz_opaque_callback_data with
// "error 131047" (or error_131047) is answered with that code; with "fail 131049"
// it is accepted, and a failed status follows; with "answer garbage", "answer
// slow", "answer cut" or "answer silent" as Fail says. Details of such errors quote
// the recipient, as the worst platform would.
//
// It is safe for concurrent use.
type Graph struct {
	o      GraphOptions
	faults map[int]fault
	// wishes finds the errors on request in a text.
	wishes *regexp.Regexp
	wake   chan struct{}
	// posting is held while webhooks are posted, so that they keep their order.
	posting sync.Mutex

	mu        sync.Mutex
	random    *rand.Rand
	mode      Mode
	people    *shelf[*contact]
	users     map[string]*contact
	messages  *shelf[*message]
	media     *shelf[*medium]
	stored    int
	templates []Template
	groups    map[string]*group
	apps      map[string][]SubscribedApp
	profiles  map[string]Part
	callbacks map[string]string
	// subscription is the app's, once subscribed says that it was set.
	subscription *Subscription
	subscribed   bool
	sent         map[string]*rate
	pending      [][]byte
	// held is what HoldBack keeps.
	held    [][]byte
	holding bool
	// landed are the phones in the order of what came to them.
	landed      []*contact
	landedBytes int
}

// NewGraph returns a stand-in. Whoever wants its webhooks runs Run, or calls
// Flush.
func NewGraph(o GraphOptions) *Graph {
	if o.Now == nil {
		o.Now = time.Now
	}
	for i := range o.Accounts {
		if o.Accounts[i].AccessToken == "" {
			o.Accounts[i].AccessToken = o.AccessToken
		}
	}
	g := &Graph{
		o: o, faults: documentedFaults(), wishes: regexp.MustCompile(`\b(error|fail)[ _]([0-9]{1,6})\b|\banswer[ _](garbage|slow|cut|silent)\b`),
		wake:   make(chan struct{}, 1),
		random: rand.New(rand.NewPCG(o.Seed, 1)), //nolint:gosec // repeatable ids, not secrets
		people: newShelf[*contact](maxPeople), users: map[string]*contact{},
		messages: newShelf[*message](maxMessages), media: newShelf[*medium](maxMessages),
		templates: append(defaultTemplates(), o.Templates...),
		groups:    map[string]*group{}, apps: map[string][]SubscribedApp{}, profiles: map[string]Part{}, sent: map[string]*rate{},
	}
	for _, p := range o.People {
		g.meet(p)
	}
	for _, d := range o.Groups {
		g.declare(d)
	}
	for _, a := range o.Accounts {
		g.apps[a.WABA] = []SubscribedApp{{ID: ownApp, Name: "Bauta"}}
	}
	return g
}

// hexID draws an id of n bytes in upper-case hexadecimal.
func (g *Graph) hexID(n int) string { return g.draw("0123456789ABCDEF", 2*n) }

// digits draws an id as objects of the platform have.
func (g *Graph) digits(n int) string { return g.draw("123456789", 1) + g.draw("0123456789", n-1) }

func (g *Graph) trace() string { return "A" + g.draw("0123456789abcdef", 16) }

// draw n characters of an alphabet.
func (g *Graph) draw(alphabet string, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[g.random.IntN(len(alphabet))]
	}
	return string(out)
}

// byNumberID returns the account of a phone number id, nil if there is none.
func (g *Graph) byNumberID(id string) *Account {
	for i := range g.o.Accounts {
		if g.o.Accounts[i].PhoneNumberID == id {
			return &g.o.Accounts[i]
		}
	}
	return nil
}

// ofWABA returns the accounts of a WABA.
func (g *Graph) ofWABA(id string) []*Account {
	var found []*Account
	for i := range g.o.Accounts {
		if g.o.Accounts[i].WABA == id {
			found = append(found, &g.o.Accounts[i])
		}
	}
	return found
}
