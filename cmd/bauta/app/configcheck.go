package app

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
)

func newConfig(std Std) *cobra.Command {
	c := &cobra.Command{Use: "config", Short: "Check the configuration", Args: cobra.NoArgs, RunE: help}
	c.AddCommand(newConfigCheck(std), newConfigReference(std))
	return c
}

func newConfigCheck(std Std) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "check",
		Short: "Find every mistake in a configuration at once",
		Long: `Reads the configuration, its secrets and its key file, and compiles the rules. Every mistake is one line with file, line, column,
key, and what to do. Nothing is connected to.`,
		Example: "  bauta config check --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			loaded, err := loadConfig(std, path)
			if err != nil {
				return err
			}
			_, keyFault := loadKeys(loaded)
			var faults config.Faults
			for _, err := range []error{keyFault, checkRules(loaded)} {
				var some config.Faults
				if errors.As(err, &some) {
					faults = append(faults, some...)
				} else if err != nil {
					return err
				}
			}
			if len(faults) > 0 {
				return usageError{faults}
			}
			_, err = fmt.Fprintf(std.Out, "%s is in order: %d businesses, %d apps\n", path, len(loaded.Business), len(loaded.Apps))
			return err
		},
	}
	configFlag(c, &path)
	return c
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
