package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// demoSecret signs the demo's webhooks; nothing outside this process has it.
const demoSecret = "demo"

const demoConfiguration = `listen: "127.0.0.1:0"
admin_listen: "127.0.0.1:0"
redis: {url: embedded}
apps: [{id: main, verify_token: demo, app_secrets: ["demo"]}]
businesses:
  - id: acme
    app: main
    wabas: ["102290129340398"]
    handles: {shape: %s}
    endpoints:
      - id: crm
        url: "http://%s/hooks"
        secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
        allow_private: true
        allow_http: true
`

func newDemo(std Std) *cobra.Command {
	var once bool
	var shape string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show what Bauta does: no configuration, no Redis, nothing to install",
		Long: `Tells a story in the terminal: a customer answers an ad, and you see what Meta sends and what the CRM gets. Stand-ins for Meta and
the CRM, and an embedded store, run in this process; in between is the real Bauta, over real HTTP on this machine's loopback interface.`,
		Example: "  bauta demo\n  bauta demo --once --shape phone",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if shape != "bsuid" && shape != "phone" {
				return usageError{fmt.Errorf("--shape is bsuid or phone")}
			}
			return runDemo(cmd.Context(), std, shape, once)
		},
	}
	c.Flags().BoolVar(&once, "once", false, "print one exchange under the headings before and after, and exit")
	c.Flags().StringVar(&shape, "shape", "bsuid", "shape of handles: bsuid or phone")
	return c
}

func runDemo(ctx context.Context, std Std, shape string, once bool) (err error) {
	stage, err := newStage(ctx, std, shape)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.close()) }()
	if once {
		sent := demoStory()[0].body
		got, err := stage.exchange(ctx, sent)
		if err != nil {
			return err
		}
		return stage.show(sent, got, stage.paint.whole, "before", "after")
	}
	stage.say("Bauta %s: a customer, Meta, Bauta and a CRM, all in this terminal. Nothing leaves this machine.", version())
	for i, scene := range demoStory() {
		stage.say("\n%s", stage.paint.with(bold, fmt.Sprintf("%d. %s", i+1, scene.text)))
		got, err := stage.exchange(ctx, scene.body)
		if err != nil {
			return err
		}
		// The first event is shown whole, of the others what differs.
		form := stage.paint.whole
		if i > 0 {
			form = stage.paint.brief
		}
		if err := stage.show(scene.body, got, form, "Meta sends", "the CRM gets"); err != nil {
			return err
		}
		stage.ids(scene.body, got)
	}
	stage.say("\nTry your own payloads with `bauta mask` and `bauta explain`; run it for real with `bauta serve --help`.")
	return nil
}

// stage is the demo's process: Bauta, its endpoint, and the way in.
type stage struct {
	out     io.Writer
	paint   painter
	node    *node
	crm     *http.Server
	arrived chan []byte
	sender  simulator.Sender
}

func newStage(ctx context.Context, std Std, shape string) (*stage, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as the CRM: %w", err)
	}
	s := &stage{out: std.Out, paint: newPainter(std), arrived: make(chan []byte, 16)}
	s.crm = &http.Server{Handler: http.HandlerFunc(s.take), ReadHeaderTimeout: time.Second}
	go func() { _ = s.crm.Serve(listener) }()
	loaded, err := config.Parse("demo", fmt.Appendf(nil, demoConfiguration, shape, listener.Addr()), std.Env)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the demo's own configuration: %w", err), s.crm.Close())
	}
	set, err := keys.Generate()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make keys: %w", err), s.crm.Close())
	}
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	s.node, err = startNode(ctx, loaded, set, logger)
	if err != nil {
		return nil, errors.Join(err, s.crm.Close())
	}
	s.sender = simulator.Sender{
		Client: &http.Client{Timeout: 10 * time.Second}, Secret: demoSecret,
		URL: "http://" + s.node.public.address + "/webhooks/main",
	}
	return s, nil
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

func (s *stage) close() error {
	return errors.Join(s.node.stop(), s.crm.Close())
}

func (s *stage) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format+"\n", args...) }

// exchange sends one webhook and returns what the CRM gets.
func (s *stage) exchange(ctx context.Context, body []byte) ([]byte, error) {
	status, err := s.sender.Send(ctx, body)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("bauta answered the webhook with %d", status)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(10 * time.Second):
		return nil, errors.New("the CRM got nothing within 10 seconds")
	case got := <-s.arrived:
		return got, nil
	}
}

// show prints what was sent and what arrived, in a form, under two headings.
func (s *stage) show(sent, got []byte, form func([]line, string) string, before, after string) error {
	in, err := indent(sent)
	if err != nil {
		return err
	}
	out, err := indent(got)
	if err != nil {
		return err
	}
	first, second := form(compare(in, out), red), form(compare(out, in), green)
	if first == "" && second == "" {
		s.say("\n%s", s.paint.with(bold, "the same, byte for byte"))
		return nil
	}
	s.say("\n%s\n\n%s", s.paint.with(bold, before), first)
	s.say("\n%s\n\n%s", s.paint.with(bold, after), second)
	return nil
}

// ids says whom the first message id of each body names, which nobody sees.
func (s *stage) ids(before, after []byte) {
	s.say("\nInside the message id: %s before, %s after.", s.paint.with(red, whom(before)), s.paint.with(green, whom(after)))
}

func whom(body []byte) string {
	id, err := meta.ParseID(string(regexp.MustCompile(`wamid\.[A-Za-z0-9+/=_-]+`).Find(body)))
	if err != nil {
		return "nobody"
	}
	who := id.Person()
	return who.Number.Reveal() + who.UserID.Reveal()
}

func indent(body []byte) (string, error) {
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return "", fmt.Errorf("an event is not JSON: %w", err)
	}
	return text.String(), nil
}
