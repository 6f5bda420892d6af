package app

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/redis/endpoints"
	"bauta/webhook"
)

func newEndpoints(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "endpoints",
		Short: "List endpoints and resume paused ones",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newEndpointsList(std), newEndpointsResume(std))
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
			k, err := openCore(cmd.Context(), std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			keys := endpointKeys(k.businesses)
			states, err := endpoints.New(k.store).State(cmd.Context(), keys)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "BUSINESS\tENDPOINT\tSTATE\tREASON")
			for i, e := range keys {
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Business, e.Endpoint, stateOf(states[i]), states[i].Pause.Reason)
			}
			return w.Flush()
		},
	}
	configFlag(c, &path)
	return c
}

func endpointKeys(businesses []webhook.Business) []webhook.EndpointKey {
	var keys []webhook.EndpointKey
	for i := range businesses {
		for _, e := range businesses[i].Endpoints {
			keys = append(keys, webhook.EndpointKey{Business: businesses[i].ID, Endpoint: e.ID})
		}
	}
	return keys
}

func stateOf(s webhook.Standstill) string {
	switch {
	case !s.Paused:
		return "delivering"
	case s.Pause.Endless:
		return "off until resumed"
	default:
		return "paused for " + s.Pause.Left.Round(time.Second).String()
	}
}

func newEndpointsResume(std Std) *cobra.Command {
	var path, business, endpoint string
	c := &cobra.Command{
		Use:   "resume",
		Short: "Lift an endpoint's pause, also the one after it answered 410",
		Long: `Lifts an endpoint's pause on all nodes. Whatever waits for it is due at once, also what was put off until the end of the pause or
until its next retry.`,
		Example: "  bauta endpoints resume --config bauta.yaml --business acme --endpoint crm",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if business == "" || endpoint == "" {
				return usageError{errors.New("say which: --business and --endpoint, as bauta endpoints list prints them")}
			}
			k, err := openCore(cmd.Context(), std, path, config.StoreSecrets)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, k.store.Close()) }()
			key := webhook.EndpointKey{Business: business, Endpoint: endpoint}
			if k.endpoint(key) == nil {
				return usageError{fmt.Errorf("--business and --endpoint: %s has no such endpoint", path)}
			}
			store := endpoints.New(k.store)
			states, err := store.State(cmd.Context(), []webhook.EndpointKey{key})
			if err != nil {
				return err
			}
			if !states[0].Paused {
				_, err = fmt.Fprintf(std.Out, "endpoint %s of %s was not paused\n", endpoint, business)
				return err
			}
			if err := store.Lift(cmd.Context(), key); err != nil {
				return err
			}
			if _, err := k.lanes.Rouse(cmd.Context(), key); err != nil {
				return err
			}
			_, err = fmt.Fprintf(std.Out, "resumed endpoint %s of %s\n", endpoint, business)
			return err
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&business, "business", "", "id of the business")
	c.Flags().StringVar(&endpoint, "endpoint", "", "id of the endpoint")
	return c
}
