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
		Short: "Send signed platform traffic to a Bauta, at a chosen rate",
		Long: `Plays the platform: customers with invented numbers answer ads, write, and read what they get. Every webhook is
signed with the app secret, which is taken from the environment variable BAUTA_APP_SECRET.`,
		Example: "  BAUTA_APP_SECRET=test bauta simulate --url http://127.0.0.1:8080/webhooks/main --waba 102290129340398 --rate 50 --for 30s",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			secret, ok := std.Env("BAUTA_APP_SECRET")
			if !ok || secret == "" {
				return usageError{fmt.Errorf("the environment variable BAUTA_APP_SECRET is not set: it signs the webhooks")}
			}
			return o.run(cmd.Context(), std, secret)
		},
	}
	f := c.Flags()
	f.StringVar(&o.url, "url", "http://127.0.0.1:8080/webhooks/main", "where webhooks are posted")
	f.StringVar(&o.business.WABA, "waba", "102290129340398", "WhatsApp business account id")
	f.StringVar(&o.business.PhoneNumberID, "phone-number-id", "106540352242922", "id of the business's number")
	f.StringVar(&o.business.Number, "number", "15550783881", "the business's number")
	f.Float64Var(&o.rate, "rate", 10, "webhooks a second")
	f.DurationVar(&o.length, "for", 10*time.Second, "how long")
	f.IntVar(&o.customers, "customers", 100, "how many customers write")
	f.Uint64Var(&o.seed, "seed", 1, "the same seed sends the same traffic")
	return c
}

// maxRate is more than one sender reaches, in webhooks a second.
const maxRate = 100_000

type simulateOptions struct {
	url       string
	business  simulator.Business
	rate      float64
	length    time.Duration
	customers int
	seed      uint64
}

func (o simulateOptions) run(ctx context.Context, std Std, secret string) error {
	if inRange := o.rate > 0 && o.rate <= maxRate; !inRange || o.customers <= 0 || o.length <= 0 {
		return usageError{fmt.Errorf("--rate, --customers and --for must be above 0, and --rate at most %d", maxRate)}
	}
	traffic := simulator.NewTraffic(o.business, o.customers, o.seed)
	sender := &simulator.Sender{Client: &http.Client{Timeout: 30 * time.Second}, URL: o.url, Secret: secret}
	bar := newProgress(std.Err, "webhooks", int(o.rate*o.length.Seconds()))
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
			if err != nil {
				return fmt.Errorf("%w; is Bauta listening at --url?", err)
			}
			answers[status]++
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

// answered tells how many webhooks got which status, and what to do about a 401.
func answered(answers map[int]int) string {
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		parts = append(parts, fmt.Sprintf("%d × %d", answers[status], status))
	}
	text := "answers: " + strings.Join(parts, ", ")
	if answers[http.StatusUnauthorized] > 0 {
		text += " (401: BAUTA_APP_SECRET is none of the app's app_secrets)"
	}
	return text
}
