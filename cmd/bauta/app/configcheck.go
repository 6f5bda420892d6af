package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis/counts"
	"bauta/webhook/meta"
)

func newConfig(std Std) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check and explain the configuration", Args: cobra.NoArgs, RunE: help}
	c.AddCommand(newConfigCheck(std), newConfigReference(std), newConfigTexts(std))
	return c
}

func newConfigCheck(std Std) *cobra.Command {
	var path string
	var store bool
	c := &cobra.Command{
		Use:   "check",
		Short: "Find every mistake in a configuration at once",
		Long: `Reads the configuration, its secrets and its key file, and compiles the rules. Every mistake is one line with file, line, column,
key, and what to do. Nothing is connected to, but with --store the store: then it warns of events that wait for endpoints
which are not in the configuration, and finds accounts that were another business's.`,
		Example: "  bauta config check --config bauta.yaml\n  bauta config check --config bauta.yaml --store",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			loaded, set, err := load(std, path, config.AllSecrets)
			if err != nil {
				return err
			}
			if store {
				if err := lookIntoStore(cmd.Context(), std, loaded, set); err != nil {
					return err
				}
			}
			warnCannotAnswer(std, loaded, "")
			_, err = fmt.Fprintf(std.Out, "%s is in order: %s, %s\n", path,
				count(len(loaded.Business), "business", "businesses"), count(len(loaded.Apps), "app", "apps"))
			return err
		},
	}
	configFlag(c, &path)
	c.Flags().BoolVar(&store, "store", false, "look into the store, too")
	return c
}

// lookIntoStore says what waits for endpoints that a configuration does not have, and
// finds what serve refuses because of what the store remembers.
func lookIntoStore(ctx context.Context, std Std, c *config.Config, set *keys.Set) (err error) {
	k, err := newCore(ctx, opening{config: c, keys: set, logger: slog.New(slog.DiscardHandler), readOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	faults, _, err := misplaced(ctx, k.store, c)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return usageError{faults}
	}
	found, err := k.strays(ctx, counts.New(k.store.Bulk()))
	for _, w := range found {
		_, _ = fmt.Fprintln(std.Err, "warning: "+strayOf(w)+" wait for an endpoint that is not configured, and are delivered when it is again")
	}
	return err
}

func newConfigReference(std Std) *cobra.Command {
	return &cobra.Command{
		Use:     "reference",
		Short:   "Print every key with default, unit and bounds",
		Example: "  bauta config reference",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(std.Out, config.Reference())
			return err
		},
	}
}

func newConfigTexts(std Std) *cobra.Command {
	var language string
	c := &cobra.Command{
		Use:   "texts",
		Short: "Print the built-in texts to customers, to be changed in the configuration",
		Long: `Prints what customers are shown, by language and name, as it is written below a business in the configuration. Paste it there,
change what is to be changed, and take out the rest: texts that are named are recorded as your own in the consent ledger.`,
		Example: "  bauta config texts --language de",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			texts, err := config.BuiltInTexts(language)
			if err != nil {
				return usageError{fmt.Errorf("--language: %w", err)}
			}
			_, err = fmt.Fprint(std.Out, texts)
			return err
		},
	}
	c.Flags().StringVar(&language, "language", "", "only this one, such as de; default: all")
	return c
}

// warnCannotAnswer says which businesses can only receive, or whether one can.
func warnCannotAnswer(std Std, c *config.Config, business string) {
	for _, w := range c.CannotAnswer(business) {
		_, _ = fmt.Fprintln(std.Err, "warning: "+w.String())
	}
}

// count is a number and the word for what is counted.
func count(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}

// checkFields finds names of fields by which nothing would be delivered: another
// spelling of a known field is a mistake; one that nobody knows is said.
func checkFields(std Std, c *config.Config) error {
	catalogue := meta.NewCatalogue()
	var faults config.Faults
	for i := range c.Business {
		for j, e := range c.Business[i].Endpoints {
			for n, name := range e.Fields {
				path := fmt.Sprintf("businesses[%d].endpoints[%d].fields[%d]", i, j, n)
				canonical, known := catalogue.Canonical(name)
				switch {
				case !known:
					_, _ = fmt.Fprintln(std.Err, "warning: "+c.Fault(path, "the platform is not known to have such a field", "").String())
				case canonical != name:
					faults = append(faults, c.Fault(path, "the field is called "+canonical+" here", "use that name"))
				}
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}
