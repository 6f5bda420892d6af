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
	var path string
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the keys, without their material",
		Example: "  bauta keys list --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			loaded, err := loadConfig(std, path)
			if err != nil {
				return err
			}
			set, err := loadKeys(loaded)
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
	return c
}

// configFlag adds --config.
func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", "bauta.yaml", "configuration file")
}

// loadConfig reads a configuration; warnings go to standard error.
func loadConfig(std Std, path string) (*config.Config, error) {
	loaded, err := config.Load(path, std.Env)
	if err != nil {
		return nil, usageError{err}
	}
	for _, w := range loaded.Warnings() {
		_, _ = fmt.Fprintln(std.Err, "warning: "+w.String())
	}
	return loaded, nil
}

// loadKeys reads the key file that a configuration names.
func loadKeys(c *config.Config) (*keys.Set, error) {
	path := c.Path(c.Keys)
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usageError{config.Faults{c.Fault("keys", "there is no key file "+path, "make one: bauta keys init --out "+path)}}
	}
	if err != nil {
		return nil, usageError{config.Faults{c.Fault("keys", "the key file cannot be opened", "check its permissions")}}
	}
	defer func() { _ = file.Close() }()
	set, err := keys.Read(file)
	if err != nil {
		return nil, usageError{config.Faults{c.Fault("keys", err.Error(), "restore it from your backup")}}
	}
	return set, nil
}
