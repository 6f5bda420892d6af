package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
)

func newKeys(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make and list the keys that everything stored and issued rests on",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newKeysInit(std), newKeysList(std))
	return c
}

// help answers a command that only groups others.
func help(cmd *cobra.Command, _ []string) error { return cmd.Help() }

func newKeysInit(std Std) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "init",
		Short: "Make a new key file; an existing one is never overwritten",
		Long: `Makes a key file, readable by its owner only. Back it up apart from Redis: without it handles cannot be turned
back, and whoever has both can turn them all.`,
		Example: "  bauta keys init --out keys.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := createKeys(out); err != nil {
				return err
			}
			_, err := fmt.Fprintf(std.Out, "made %s; back it up, and keep it away from Redis's backups\n", out)
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "keys.json", "file to make")
	return c
}

func createKeys(path string) (err error) {
	set, err := keys.Generate()
	if err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s exists already, and is left as it is: what was stored under its keys would be lost", path)}
	}
	if err != nil {
		return fmt.Errorf("make the key file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := set.Write(file); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func newKeysList(std Std) *cobra.Command {
	var path, file string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the keys, without their material",
		Example: "  bauta keys list --config bauta.yaml\n  bauta keys list --keys keys.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			set, err := chosenKeys(std, path, file)
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(std.Out, 0, 4, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "PURPOSE\tID\tSTATUS\tPRIMARY\tCREATED")
			for _, k := range set.List() {
				created := "unknown"
				if !k.Created.IsZero() {
					created = k.Created.UTC().Format("2006-01-02 15:04:05Z")
				}
				_, _ = fmt.Fprintf(w, "%s\t%d\t%s\t%t\t%s\n", k.Purpose, k.ID, k.Status, k.Primary, created)
			}
			return w.Flush()
		},
	}
	configFlag(c, &path)
	c.Flags().StringVar(&file, "keys", "", "key file; default: the one that the configuration names")
	return c
}

// chosenKeys are those of a file, or else of a configuration.
func chosenKeys(std Std, path, file string) (*keys.Set, error) {
	if file != "" {
		set, problem := readKeys(file)
		if problem.text != "" {
			return nil, usageError{fmt.Errorf("--keys: %s (%s)", problem.text, problem.advice)}
		}
		return set, nil
	}
	_, set, err := load(std, path, config.StoreSecrets)
	return set, err
}
