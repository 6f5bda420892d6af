package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"bauta/webhook/simulator"
)

// serve answers the platform's API until it is told to stop, and makes traffic
// beside it if that was asked for.
func (o *simulateOptions) serve(ctx context.Context, std Std, traffic *simulator.Traffic, sender *simulator.Sender) error {
	out := &lines{out: std.Out}
	if sender != nil {
		sender.Answered = (&standing{last: http.StatusOK, out: out}).note
	}
	graph := simulator.NewGraph(o.graph(sender, out))
	traffic.Through(graph)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	server := &http.Server{Handler: graph, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	out.say("the platform's API is answered at http://%s: set platform.graph_url to it", listener.Addr())
	running, stop := context.WithCancel(ctx)
	defer stop()
	var work sync.WaitGroup
	if sender != nil {
		work.Go(func() { graph.Run(running, nil) })
	}
	var trouble error
	if o.traffic {
		work.Go(func() { trouble = o.send(running, std, traffic, sender) })
	}
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	work.Wait()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if server.Shutdown(closing) != nil {
		err = errors.Join(err, server.Close()) // calls that are never answered
	}
	out.say("stopped")
	return errors.Join(err, trouble)
}

// graph is the stand-in's. Ids differ between runs: Bauta takes what has the same
// id for the same.
func (o *simulateOptions) graph(sender *simulator.Sender, out *lines) simulator.GraphOptions {
	g := simulator.GraphOptions{
		Accounts:    []simulator.Account{{Business: o.business, Name: "Lucky Shrub"}},
		AccessToken: o.token, Sender: sender, Seed: uint64(time.Now().UnixNano()),
		Observe: func(c simulator.Call) {
			if c.Code != 0 {
				out.say("%s %s %d, error %d", c.Method, c.Path, c.Status, c.Code)
				return
			}
			out.say("%s %s %d", c.Method, c.Path, c.Status)
		},
	}
	someone := &people{out: out, silent: !o.writeBack, shown: o.showPhone}
	if o.writeBack || o.showPhone {
		g.WriteBack = someone.reached
	}
	return g
}

// standing says how webhooks are answered: the first refusal, then every change. It
// is safe for concurrent use.
type standing struct {
	mu   sync.Mutex
	last int
	out  *lines
}

func (s *standing) note(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status == s.last {
		return
	}
	s.last = status
	switch why := reasonOf(status); {
	case status == http.StatusOK:
		s.out.say("webhooks are taken")
	case status == 0:
		s.out.say("webhooks are not taken: %s", why)
	case why == "":
		s.out.say("webhooks are not taken: the answer is %d", status)
	default:
		s.out.say("webhooks are not taken: the answer is %d (%s)", status, why)
	}
}

// lines writes one line at a time. It is safe for concurrent use.
type lines struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lines) say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.out, format+"\n", args...)
}
