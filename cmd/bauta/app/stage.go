package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/simulator"
)

// The demo's secrets; nothing outside this process has them.
const (
	demoSecret      = "demo"
	demoAccessToken = "demo-of-the-platform"
)

const demoConfiguration = `listen: "127.0.0.1:0"
admin_listen: "127.0.0.1:0"
redis: {url: embedded}
platform: {graph_url: "http://%s"}
apps: [{id: main, verify_token: demo, app_secrets: ["demo"]}]
businesses:
  - id: acme
    app: main
    wabas: ["102290129340398"]
    access_token: demo-of-the-platform
    name: Lucky Shrub
    handles: {shape: %s}
    sharing: {ask: on_request}
    endpoints:
      - id: crm
        url: "http://%s/hooks"
        secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        allow_private: true
        allow_http: true
`

// demoPatience is how long anything may take.
const demoPatience = 10 * time.Second

// stage is the demo's process: Bauta, and the stand-ins on either side of it.
type stage struct {
	out     io.Writer
	paint   painter
	shape   string
	client  *http.Client
	node    *node
	servers []*http.Server
	graph   *simulator.Graph
	sender  simulator.Sender
	// token is the CRM's for Bauta.
	token string
	// arrived are the events that the CRM got; posted the webhooks of the stand-in,
	// asked the messages that it got.
	arrived, posted chan []byte
	asked           chan simulator.Call
}

func newStage(ctx context.Context, std Std, shape string) (_ *stage, err error) {
	s := &stage{
		out: std.Out, paint: newPainter(std), shape: shape, client: &http.Client{Timeout: demoPatience},
		arrived: make(chan []byte, 16), posted: make(chan []byte, 16), asked: make(chan simulator.Call, 16),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	s.sender = simulator.Sender{Client: s.client, Secret: demoSecret, Posting: func(body []byte) { s.posted <- body }}
	s.graph = simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: demoBusiness(), Name: "Lucky Shrub"}}, AccessToken: demoAccessToken,
		Sender: &s.sender, Observe: s.observe,
	})
	crm, err := s.listen(ctx, http.HandlerFunc(s.take))
	if err != nil {
		return s, fmt.Errorf("listen as the CRM: %w", err)
	}
	platform, err := s.listen(ctx, s.graph)
	if err != nil {
		return s, fmt.Errorf("listen as the platform: %w", err)
	}
	loaded, err := config.Parse("demo", fmt.Appendf(nil, demoConfiguration, platform, shape, crm), std.Env)
	if err != nil {
		return s, fmt.Errorf("the demo's own configuration: %w", err)
	}
	set, err := keys.Generate()
	if err != nil {
		return s, fmt.Errorf("make keys: %w", err)
	}
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	if s.node, err = startNode(ctx, loaded, set, logger, nil); err != nil {
		return s, err
	}
	s.sender.URL = s.url("/webhooks/main")
	s.token, _, err = s.node.core.tokens.Issue(ctx, webhook.Grant{
		Business: "acme", Scopes: access.Families(), Label: "the demo's CRM", Expires: time.Now().Add(time.Hour),
	})
	return s, err
}

// url is a path of Bauta's public listener.
func (s *stage) url(path string) string { return "http://" + s.node.public.address + path }

// listen serves until close, and returns the address.
func (s *stage) listen(ctx context.Context, handler http.Handler) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(listener) }()
	return listener.Addr().String(), nil
}

// take is the CRM.
func (s *stage) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.arrived <- body
	w.WriteHeader(http.StatusOK)
}

// observe notes the messages that the platform gets; Bauta makes other calls too.
func (s *stage) observe(c simulator.Call) {
	if strings.HasSuffix(c.Path, "/messages") {
		s.asked <- c
	}
}

func (s *stage) close() error {
	var errs []error
	if s.node != nil {
		errs = append(errs, s.node.stop())
	}
	for _, server := range s.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}

func (s *stage) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }
