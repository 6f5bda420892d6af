package app

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
	"bauta/webhook/operate"
)

func newEndpoints(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "endpoints",
		Short: "List endpoints, pause, resume and try them",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newEndpointsList(std), newEndpointsPause(std), newEndpointsResume(std), newEndpointsTest(std), newEndpointsHandshake(std))
	return c
}

func newEndpointsList(std Std) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "list",
		Short: "List endpoints with their pauses",
		Long: `Lists the endpoints that are configured, and one more for each business: ` + webhook.PlatformEndpoint + ` is the platform itself, where
Bauta's own messages to customers wait. It is paused like all others while the platform cannot be reached.`,
		Example: "  bauta endpoints list --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			k, desk, err := openDesk(cmd.Context(), std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			all, err := desk.Endpoints(cmd.Context(), operate.Operator(), "")
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "BUSINESS\tENDPOINT\tSTATE\tREASON\tWAITING\tDEAD")
			for i := range all {
				e := &all[i]
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\n", e.Key.Business, e.Key.Endpoint, stateOf(e, time.Now()), e.Reason, e.Waiting, e.Dead)
			}
			return w.Flush()
		},
	}
	configFlag(c, &path)
	return c
}

func stateOf(e *operate.Endpoint, now time.Time) string {
	switch e.State {
	case operate.Paused:
		return "paused for " + max(e.Until.Sub(now), 0).Round(time.Second).String()
	case operate.ProbeDue:
		return "paused until the next event"
	case operate.Probing:
		return "paused, being probed"
	case operate.Off:
		return "off until resumed"
	}
	return "delivering"
}
