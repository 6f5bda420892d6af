package app

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bauta/webhook/simulator"
)

func newSimulate(std Std) *cobra.Command {
	var o simulateOptions
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Stand in for the platform: signed traffic, and with --listen its API too",
		Long: `Plays the platform: customers with invented numbers answer ads, write, and read what they get. Every webhook is
signed with the app secret, which is taken from the environment variable BAUTA_APP_SECRET or from --secret.

With --listen it also answers the calls that businesses and Bauta make to graph.facebook.com: set platform.graph_url to
it, and access_token to --access-token. It goes on until it is told to stop. It makes traffic if --rate or --for is given
(without --for, without end), prints a line for every call, says when webhooks are not taken and when they are again, and lets
statuses follow by webhook. Now and then a customer sends a picture, which can be downloaded. With --write-back customers answer
messages, and questions too: they tap buttons, those of Bauta's questions for their number included. Messages reach customers who
wrote within 24 hours; others need a template (hello_world, spring_sale and login_code exist, in en_US).

Words in a message's text, template name or biz_opaque_callback_data ask for an error:
  error 131047     is answered with that code (in template names: error_131047), whichever the platform documents
  fail 131049      is accepted, and a failed status with that code follows
  answer garbage   is sent, and answered with something that is no JSON; also: answer slow, answer cut, answer silent

With --show-phone it prints what reaches the phones of its customers, who are invented.`,
		Example: "  BAUTA_APP_SECRET=test bauta simulate --url http://127.0.0.1:8080/webhooks/main --waba 102290129340398 --rate 50 --for 30s\n" +
			"  BAUTA_APP_SECRET=test bauta simulate --listen 127.0.0.1:9999 --rate 1 --write-back",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := cmd.Flags().Changed
			o.traffic = o.listen == "" || given("rate") || given("for")
			if o.listen != "" && !given("for") {
				o.length = endless
			}
			if o.listen != "" && !given("seed") {
				// Of the same traffic a Bauta that keeps its data takes nothing twice.
				o.seed = uint64(time.Now().UnixNano())
			}
			if err := o.secrets(std, given); err != nil {
				return err
			}
			return o.run(cmd.Context(), std)
		},
	}
	f := c.Flags()
	f.StringVar(&o.url, "url", "http://127.0.0.1:8080/webhooks/main", "where webhooks are posted")
	f.StringVar(&o.secret, "secret", "", "app secret that signs webhooks, where no environment variable can be set: others on this machine can read it")
	f.StringVar(&o.business.WABA, "waba", "102290129340398", "WhatsApp business account id")
	f.StringVar(&o.business.PhoneNumberID, "phone-number-id", "106540352242922", "id of the business's number")
	f.StringVar(&o.business.Number, "number", "15550783881", "the business's number")
	f.Float64Var(&o.rate, "rate", 10, "webhooks a second")
	o.length = 10 * time.Second
	f.Var((*span)(&o.length), "for", "for how long; default: 10s, with --listen without end")
	f.IntVar(&o.customers, "customers", 100, "how many customers write")
	f.Uint64Var(&o.seed, "seed", 1, "the same seed sends the same traffic; default: 1, with --listen another one every time")
	f.StringVar(&o.listen, "listen", "", "address at which the API is answered, such as 127.0.0.1:9999")
	f.StringVar(&o.token, "access-token", "simulated", "access token that the API takes (environment: BAUTA_ACCESS_TOKEN)")
	f.BoolVar(&o.writeBack, "write-back", false, "customers answer about every other message, and tap buttons")
	f.BoolVar(&o.showPhone, "show-phone", false, "print what reaches the customers' phones: texts and buttons, Bauta's questions too")
	for _, name := range []string{"for", "seed"} {
		f.Lookup(name).DefValue = "0" // their texts say what it is: it depends
	}
	return c
}

const (
	// maxRate is more than one sender reaches, in webhooks a second.
	maxRate = 100_000
	// endless is longer than anybody listens.
	endless = 100 * 365 * 24 * time.Hour
)

type simulateOptions struct {
	url, secret, listen, token string
	business                   simulator.Business
	rate                       float64
	length                     time.Duration
	customers                  int
	seed                       uint64
	traffic                    bool
	writeBack, showPhone       bool
}

// secrets takes what is not given as a flag from the environment. Without a
// secret the API is answered all the same, and no webhooks are sent.
func (o *simulateOptions) secrets(std Std, given func(flag string) bool) error {
	if token, ok := std.Env("BAUTA_ACCESS_TOKEN"); ok && token != "" && !given("access-token") {
		o.token = token
	}
	if secret, ok := std.Env("BAUTA_APP_SECRET"); ok && !given("secret") {
		o.secret = secret
	}
	if o.secret == "" && (o.traffic || given("url")) {
		return usageError{errors.New("the environment variable BAUTA_APP_SECRET is not set: it signs the webhooks; set it to one of the app's app_secrets, or give --secret")}
	}
	if o.showPhone && (o.listen == "" || o.secret == "") {
		return usageError{errors.New("--show-phone goes with --listen, and with BAUTA_APP_SECRET: without them nothing reaches a phone")}
	}
	if o.listen != "" && o.token == "" {
		return usageError{errors.New("--access-token is empty: the API takes no call without a token")}
	}
	return nil
}

func (o *simulateOptions) run(ctx context.Context, std Std) error {
	if inRange := o.rate > 0 && o.rate <= maxRate; !inRange || o.customers <= 0 || o.length <= 0 {
		return usageError{fmt.Errorf("--rate, --customers and --for must be above 0, and --rate at most %d", maxRate)}
	}
	traffic := simulator.NewTraffic(o.business, o.customers, o.seed)
	var sender *simulator.Sender
	if o.secret != "" {
		sender = &simulator.Sender{Client: &http.Client{Timeout: 30 * time.Second}, URL: o.url, Secret: o.secret}
	}
	if o.listen != "" {
		return o.serve(ctx, std, traffic, sender)
	}
	return o.send(ctx, std, traffic, sender)
}

// send posts traffic until the time is up. Where nothing else is done, a Bauta
// that does not answer ends it.
func (o *simulateOptions) send(ctx context.Context, std Std, traffic *simulator.Traffic, sender *simulator.Sender) error {
	total := 0
	if o.length != endless {
		total = int(o.rate * o.length.Seconds())
	}
	bar := newProgress(std.Err, "webhooks", total)
	tick := time.NewTicker(time.Duration(float64(time.Second) / o.rate))
	defer tick.Stop()
	end := time.NewTimer(o.length)
	defer end.Stop()
	answers := map[int]int{}
	for {
		select {
		case <-ctx.Done():
			return errors.Join(bar.finish("stopped; "+answered(answers)), accepted(answers))
		case <-end.C:
			return errors.Join(bar.finish("done; "+answered(answers)), accepted(answers))
		case now := <-tick.C:
			status, err := sender.Send(ctx, traffic.Next(now))
			if ctx.Err() != nil {
				continue // it was told to stop while it waited for an answer
			}
			if err != nil && o.listen == "" {
				return fmt.Errorf("%w; is Bauta listening at --url?", err)
			}
			answers[status]++ // 0: none
			bar.step()
		}
	}
}

// accepted fails where webhooks were answered and none was taken.
func accepted(answers map[int]int) error {
	if len(answers) > 0 && answers[http.StatusOK] == 0 {
		return errors.New("no webhook was accepted")
	}
	return nil
}

// answered tells how many webhooks got which status, and what that means.
func answered(answers map[int]int) string {
	var parts, reasons []string
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		parts = append(parts, fmt.Sprintf("%d × %d", answers[status], status))
		if why := reasonOf(status); why != "" {
			reasons = append(reasons, fmt.Sprintf(" (%d: %s)", status, why))
		}
	}
	return "answers: " + strings.Join(parts, ", ") + strings.Join(reasons, "")
}

// reasonOf is what an answer to a webhook means, "" if there is nothing to say; 0 is
// that there was none.
func reasonOf(status int) string {
	switch status {
	case 0:
		return "nobody answers at --url"
	case http.StatusUnauthorized:
		return "BAUTA_APP_SECRET is none of the app's app_secrets"
	case http.StatusNotFound:
		return "the path of --url ends in the id of an app: /webhooks/main"
	case http.StatusServiceUnavailable:
		return "Bauta cannot store them now; its log says why"
	}
	return ""
}
