package app

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"
)

// newHealthcheck asks a node whether it lives, for containers that have no other program.
func newHealthcheck(std Std) *cobra.Command {
	var target string
	c := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running node whether it lives: exit code 0 or 1",
		Long: `Asks /healthz, or another page, of a node: exit code 0 if the answer is 200. For containers, which have no other program to ask
with. Health is for restarts; /readyz tells whether the node gets at its store.`,
		Example: "  bauta healthcheck\n  bauta healthcheck --url http://127.0.0.1:9090/readyz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			page, err := url.Parse(target)
			if err != nil || page.Host == "" || page.Scheme != "http" && page.Scheme != "https" {
				return usageError{errors.New("--url: write a whole URL, such as http://127.0.0.1:9090/healthz")}
			}
			request, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, target, http.NoBody)
			if err != nil {
				return err
			}
			answer, err := (&http.Client{Timeout: 3 * time.Second}).Do(request)
			if err != nil {
				says, _ := unreachable(err)
				return fmt.Errorf("%s %s: look whether bauta serve runs, and whether --url leads to its admin_listen", page.Redacted(), says)
			}
			defer func() { err = errors.Join(err, answer.Body.Close()) }()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s is answered %s: its page, and the log of serve, say why", page.Redacted(), answer.Status)
			}
			_, err = fmt.Fprintln(std.Out, "ok")
			return err
		},
	}
	c.Flags().StringVar(&target, "url", "http://127.0.0.1:9090/healthz", "page on the admin listener")
	return c
}
