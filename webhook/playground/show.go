package playground

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"bauta/webhook/pages"
	"bauta/webhook/simulator"
)

// What the show keeps: so many steps, so many bytes of them, so many messages on a phone
// and in a thread, so many threads. What is older goes.
const (
	mostSteps    = 200
	mostBytes    = 16 << 20
	mostMessages = 200
	mostThreads  = 50
)

// patience is how long one act may take.
const patience = 15 * time.Second

// Show is everything that the page shows. Safe for concurrent use.
type Show struct {
	o    Options
	site *pages.Site
	// client calls as the CRM and as the platform.
	client *http.Client
	// changed is told that something may have changed.
	changed chan struct{}
	servers []*http.Server
	// platform and crm are the addresses of the stand-ins.
	platform, crm string
	// acting is held by whoever acts: one act at a time.
	acting sync.Mutex
	// following ends the posting of the stand-in's webhooks.
	following context.CancelFunc
	followed  chan struct{}

	mu      sync.Mutex
	running Running
	graph   *simulator.Graph
	people  []*person
	who     int
	inbox   inbox
	steps   []*step
	count   int
	// front is the id of the step that is looked at.
	front  string
	manner Manner
	// reached are the guide's steps that were seen, guided those that it did itself.
	reached, guided map[string]bool
	// answering is a call of the CRM's that is under way.
	answering *step
	// asking is the newest call by which the CRM asked for a number.
	asking call
	// inspected is the message id that the inspector shows.
	inspected string
}

// NewShow starts the stand-ins and Bauta. Close ends them.
func NewShow(ctx context.Context, o Options) (_ *Show, err error) {
	s := &Show{o: o, manner: Manner{Shape: o.Shape, Language: pages.Languages()[0]}, client: &http.Client{Timeout: patience}, changed: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	s.site, err = pages.New(pages.Options{
		Name: "play.name", Base: "/", Files: files, Styles: []string{"playground.css"}, Scripts: []string{"playground.js"}, Extra: "again",
	})
	if err != nil {
		return s, err
	}
	if s.crm, err = s.listen(ctx, http.HandlerFunc(s.takeDelivery)); err != nil {
		return s, fmt.Errorf("listen as the CRM: %w", err)
	}
	if s.platform, err = s.listen(ctx, http.HandlerFunc(s.asPlatform)); err != nil {
		return s, fmt.Errorf("listen as the platform: %w", err)
	}
	return s, s.begin(ctx)
}

// words are what somebody of the show says, in the language that it is in.
func (s *Show) words(key string) string {
	text, err := s.site.Say(s.manner.Language, key)
	if err != nil {
		return key
	}
	return text
}

// asPlatform hands a call to the stand-in of the show that is on.
func (s *Show) asPlatform(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	graph := s.graph
	s.mu.Unlock()
	if graph == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	graph.ServeHTTP(w, r)
}

// listen serves until Close, and returns the address.
func (s *Show) listen(ctx context.Context, handler http.Handler) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(l) }()
	return l.Addr().String(), nil
}

// begin starts Bauta, for people whom it does not know.
func (s *Show) begin(ctx context.Context) error {
	s.reset()
	s.mu.Lock()
	setting := Setting{Manner: s.manner, Platform: s.platform, CRM: s.crm, Observe: s.observe}
	s.mu.Unlock()
	running, err := s.o.Starter.Start(ctx, setting)
	if err != nil {
		return fmt.Errorf("start Bauta: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = running
	s.perform(ctx)
	s.touch()
	return nil
}

// reset is an empty stage.
func (s *Show) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.graph, s.people, s.who = nil, people(s.o.Scene), 0
	s.inbox, s.steps, s.front, s.inspected, s.answering = inbox{}, nil, "", "", nil
	s.reached, s.guided = map[string]bool{}, map[string]bool{}
}

// perform lets the people come, and posts what the platform has to say.
func (s *Show) perform(ctx context.Context) {
	var group simulator.Group
	group.ID, group.Subject, group.PhoneNumberID = s.o.Scene.Group, "Plant lovers", business().PhoneNumberID
	s.graph = simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: business(), Name: businessName}}, AccessToken: s.o.Scene.AccessToken,
		Sender: &simulator.Sender{Client: s.client, Secret: s.o.Scene.Secret, URL: s.running.Public + "/webhooks/" + s.o.Scene.App},
		Groups: []simulator.Group{group}, Ads: ads(s.o.Scene), Observe: s.called, Seed: uint64(time.Now().UnixNano()),
	})
	following, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.following, s.followed = cancel, make(chan struct{})
	go func(graph *simulator.Graph, done chan struct{}) {
		defer close(done)
		graph.Run(following, func(err error) { s.o.Logger.DebugContext(following, "a webhook was not taken", slog.Any("error", err)) })
	}(s.graph, s.followed)
}

// touch says that something may have changed. It waits for nobody.
func (s *Show) touch() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// again starts over.
func (s *Show) again(ctx context.Context) error {
	s.silence()
	if err := s.stop(); err != nil {
		return err
	}
	return s.begin(ctx)
}

// become has Bauta go on in another manner, as a reload of its configuration does.
func (s *Show) become(ctx context.Context, change func(*Manner)) error {
	s.mu.Lock()
	next, apply := s.manner, s.running.Change
	change(&next)
	same := next == s.manner
	s.mu.Unlock()
	if same {
		return nil
	}
	if err := apply(ctx, next); err != nil {
		return fmt.Errorf("change the configuration: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.touch()
	s.manner = next
	return nil
}

// newest are the last elements of a list, n at most, with room of their own.
func newest[T any](all []T, n int) []T {
	if over := len(all) - n; over > 0 {
		return append([]T(nil), all[over:]...)
	}
	return all
}

// silence ends the stand-in's webhooks.
func (s *Show) silence() {
	s.mu.Lock()
	cancel, done := s.following, s.followed
	s.following = nil
	s.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

func (s *Show) stop() error {
	s.mu.Lock()
	stop := s.running.Stop
	s.running.Stop = nil
	s.mu.Unlock()
	if stop == nil {
		return nil
	}
	return stop()
}

// Close ends Bauta and the stand-ins.
func (s *Show) Close() error {
	s.silence()
	errs := []error{s.stop()}
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}
