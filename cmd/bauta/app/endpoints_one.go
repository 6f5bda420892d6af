package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
	"bauta/webhook/operate"
)

// oneEndpoint says which endpoint is meant.
type oneEndpoint struct {
	path string
	key  webhook.EndpointKey
}

func (e *oneEndpoint) flags(c *cobra.Command) {
	configFlag(c, &e.path)
	c.Flags().StringVar(&e.key.Business, "business", "", "id of the business")
	c.Flags().StringVar(&e.key.Endpoint, "endpoint", "", "id of the endpoint")
}

// open does something at the desk, and says in the words of flags what cannot be done.
func (e *oneEndpoint) open(ctx context.Context, std Std, needed config.Secrets, do func(*operate.Desk) error) (err error) {
	if e.key.Business == "" || e.key.Endpoint == "" {
		return usageError{errors.New("say which: --business and --endpoint, as bauta endpoints list prints them")}
	}
	k, desk, err := openDesk(ctx, std, e.path, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	err = do(desk)
	switch {
	case errors.Is(err, operate.ErrUnknown):
		return usageError{fmt.Errorf("--business and --endpoint: %s has no such endpoint", e.path)}
	case errors.Is(err, operate.ErrInvalid):
		return usageError{err}
	}
	return err
}

func newEndpointsPause(std Std) *cobra.Command {
	var e oneEndpoint
	var lasts span
	c := &cobra.Command{
		Use:   "pause",
		Short: "Have nothing sent to an endpoint for a time, or until it is resumed",
		Long: `Has nothing sent to an endpoint, on all nodes: for a time (--for), after which one event tries whether it works, or until it is resumed.
Events for it go on being accepted, and wait; what is on its way now is finished.`,
		Example: "  bauta endpoints pause --config bauta.yaml --business acme --endpoint crm --for 2h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("for") && lasts <= 0 {
				return usageError{errors.New("--for: write how long, such as 30m or 2h; leave it out for a pause until it is resumed")}
			}
			return e.open(cmd.Context(), std, config.StoreSecrets, func(desk *operate.Desk) error {
				if err := desk.PauseEndpoint(cmd.Context(), operate.Operator(), e.key, time.Duration(lasts)); err != nil {
					return err
				}
				until := "until it is resumed"
				if lasts > 0 {
					until = "for " + lasts.String()
				}
				_, err := fmt.Fprintf(std.Out, "paused endpoint %s of %s %s\n", e.key.Endpoint, e.key.Business, until)
				return err
			})
		},
	}
	e.flags(c)
	c.Flags().Var(&lasts, "for", "how long: such as 30m, 2h or 1d, at most 30d; default: until it is resumed")
	return c
}

func newEndpointsResume(std Std) *cobra.Command {
	var e oneEndpoint
	c := &cobra.Command{
		Use:   "resume",
		Short: "Lift an endpoint's pause, also the one after it answered 410",
		Long: `Lifts an endpoint's pause on all nodes. Whatever waits for it is due at once, also what was put off until the end of the pause or
until its next retry.`,
		Example: "  bauta endpoints resume --config bauta.yaml --business acme --endpoint crm",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.open(cmd.Context(), std, config.StoreSecrets, func(desk *operate.Desk) error {
				paused, err := desk.ResumeEndpoint(cmd.Context(), operate.Operator(), e.key)
				if err != nil {
					return err
				}
				said := "resumed endpoint %s of %s\n"
				if !paused {
					said = "endpoint %s of %s was not paused\n"
				}
				_, err = fmt.Fprintf(std.Out, said, e.key.Endpoint, e.key.Business)
				return err
			})
		},
	}
	e.flags(c)
	return c
}

func newEndpointsTest(std Std) *cobra.Command {
	var e oneEndpoint
	c := &cobra.Command{
		Use:   "test",
		Short: "Send an endpoint a test event, signed as every delivery",
		Long: `Sends an event of the type endpoint_test, which names nobody, from this machine; it is signed and goes where deliveries may go. It counts
for no breaker and no pause, and is sent to a paused endpoint too. Of the answer only the status is shown.`,
		Example: "  bauta endpoints test --config bauta.yaml --business acme --endpoint crm",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return e.open(cmd.Context(), std, config.AllSecrets, func(desk *operate.Desk) error {
				trial, err := desk.TestEndpoint(cmd.Context(), operate.Operator(), e.key)
				if err != nil {
					return err
				}
				return e.tell(std.Out, "took the test event", "did not take the test event", trial)
			})
		},
	}
	e.flags(c)
	return c
}

func newEndpointsHandshake(std Std) *cobra.Command {
	var e oneEndpoint
	var token bool
	c := &cobra.Command{
		Use:   "handshake",
		Short: "Ask an endpoint as the platform does when a webhook is entered",
		Long: `Asks an endpoint as the platform does when a webhook is entered: GET with hub.mode, hub.challenge and hub.verify_token. Software that was
written for the platform answers with the challenge if it knows the verify token. Bauta itself needs no handshake.`,
		Example: "  bauta endpoints handshake --config bauta.yaml --business acme --endpoint crm --verify-token-stdin <token.txt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			verify := ""
			if token {
				var err error
				if verify, err = readVerifyToken(std.In); err != nil {
					return err
				}
			}
			return e.open(cmd.Context(), std, config.StoreSecrets, func(desk *operate.Desk) error {
				trial, err := desk.ShakeHands(cmd.Context(), operate.Operator(), e.key, verify)
				if err != nil {
					return err
				}
				return e.tell(std.Out, "answered the handshake", "did not answer the handshake", trial)
			})
		},
	}
	e.flags(c)
	c.Flags().BoolVar(&token, "verify-token-stdin", false, "read the verify token that its software knows from standard input: arguments can be read by others")
	return c
}

// readVerifyToken reads one line. Errors do not repeat it.
func readVerifyToken(in io.Reader) (string, error) {
	const most = 1 << 10
	line, err := bufio.NewReader(io.LimitReader(in, most)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the verify token from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// tell says what came of a trial; one that the endpoint did not pass is an error.
func (e *oneEndpoint) tell(out io.Writer, passed, failed string, trial webhook.Trial) error {
	took := trial.Took.Round(time.Millisecond)
	if trial.OK {
		_, err := fmt.Fprintf(out, "endpoint %s of %s %s: %d after %s\n", e.key.Endpoint, e.key.Business, passed, trial.Status, took)
		return err
	}
	answer := "no answer"
	if trial.Status > 0 {
		answer = fmt.Sprint(trial.Status)
	}
	return fmt.Errorf("endpoint %s of %s %s: %s (%s) after %s: %s", e.key.Endpoint, e.key.Business, failed, answer, trial.Reason, took, trial.Detail)
}
