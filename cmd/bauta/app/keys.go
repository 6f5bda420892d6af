package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"bauta/masking/keys"
)

func newKeys(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "keys",
		Short: "Make and list the keys that everything stored and issued rests on",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newKeysInit(std), newKeysRotate(std), newKeysList(std))
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
