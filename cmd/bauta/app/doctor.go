package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
)

// finding is what the doctor says of one thing.
type finding struct {
	// Level is good, warning or bad: only bad makes the exit code 1.
	Level string `json:"level"`
	// Check is what was looked at, Says what was found, Do what to do about it.
	Check string `json:"check"`
	Says  string `json:"says"`
	Do    string `json:"do,omitempty"`
}

const (
	levelGood    = "good"
	levelWarning = "warning"
	levelBad     = "bad"
)

// doctor looks at an installation from where it runs, and changes nothing.
type doctor struct {
	config *config.Config
	keys   *keys.Set
	// in and out: a test event is sent to Bauta, and one to every endpoint.
	in, out  bool
	findings []finding
}

func (d *doctor) good(check, says string)        { d.add(levelGood, check, says, "") }
func (d *doctor) warning(check, says, do string) { d.add(levelWarning, check, says, do) }
func (d *doctor) bad(check, says, do string)     { d.add(levelBad, check, says, do) }

func (d *doctor) add(level, check, says, do string) {
	d.findings = append(d.findings, finding{level, check, says, do})
}

func newDoctor(std Std) *cobra.Command {
	var path string
	var asJSON, in, out bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at Redis, the platform, keys and endpoints, and say what to do",
		Long: `Looks at everything that serve needs, from where it runs: the configuration, the key file, Redis (rights, settings, memory, clock), the
platform (clock, tokens, subscriptions of each account, callbacks, phone numbers), each endpoint (whether it can be reached; nothing is
delivered) and public_url. It changes nothing, and can run beside serve. With --send-test-event it posts, for every app, a signed event
to public_url (without it, to listen on this machine) as the platform would: through the proxy, the check of the signature and the
splitter of the Bauta that runs, which counts it and hands it to nobody. With --test-endpoints every endpoint gets a signed event of the
type endpoint_test, which names nobody. Each line begins with ✓ (good), ! (look at it) or ✗ (bad), and
says below what to do. Exit code 1 if anything is bad.`,
		Example: "  bauta doctor --config bauta.yaml\n  bauta doctor --config bauta.yaml --send-test-event --test-endpoints\n  bauta doctor --config bauta.yaml --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, set, err := load(std, path, config.AllSecrets)
			if err != nil {
				return err
			}
			d := &doctor{config: loaded, keys: set, in: in, out: out}
			d.good("configuration", path+" is in order: "+count(len(loaded.Business), "business", "businesses")+", "+count(len(loaded.Apps), "app", "apps"))
			return d.run(cmd.Context(), std.Out, asJSON)
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&in, "send-test-event", false, "send a signed event to the Bauta that runs, as the platform does; no business gets it")
	c.Flags().BoolVar(&out, "test-endpoints", false, "send a signed event of the type endpoint_test to every endpoint")
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON list of level (good, warning, bad), check, says and do")
	return c
}

func (d *doctor) run(ctx context.Context, out io.Writer, asJSON bool) error {
	d.lookAtKeys()
	d.lookAtStore(ctx)
	d.lookAtPlatform(ctx)
	d.lookAtEndpoints(ctx)
	d.lookAtPublicURL(ctx)
	if d.in {
		d.sendToBauta(ctx)
	}
	if d.out {
		d.sendToEndpoints(ctx)
	}
	bad := 0
	for _, f := range d.findings {
		if f.Level == levelBad {
			bad++
		}
	}
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(d.findings); err != nil {
			return err
		}
	} else {
		d.print(out)
	}
	if bad > 0 {
		return fmt.Errorf("%s", count(bad, "thing is bad", "things are bad"))
	}
	return nil
}

func (d *doctor) print(out io.Writer) {
	marks := map[string]string{levelGood: "✓", levelWarning: "!", levelBad: "✗"}
	for _, f := range d.findings {
		_, _ = fmt.Fprintf(out, "%s %s: %s\n", marks[f.Level], f.Check, f.Says)
		if f.Do != "" {
			_, _ = fmt.Fprintf(out, "    %s\n", f.Do)
		}
	}
}
