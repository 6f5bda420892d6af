package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
)

// configFlag adds --config.
func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", "bauta.yaml", "configuration file")
}

// load reads a configuration with its keys, and checks all that can be checked
// without a connection. Every fault comes at once; warnings go to standard error.
func load(std Std, path string) (*config.Config, *keys.Set, error) {
	loaded, faults, err := config.Draft(path, std.Env)
	if err != nil {
		return nil, nil, usageError{err}
	}
	if loaded == nil {
		return nil, nil, usageError{faults}
	}
	for _, w := range loaded.Warnings() {
		_, _ = fmt.Fprintln(std.Err, "warning: "+w.String())
	}
	set, keyFault := loadKeys(loaded)
	for _, err := range []error{keyFault, checkRules(loaded), checkFields(std, loaded)} {
		if some, ok := errors.AsType[config.Faults](err); ok {
			faults = append(faults, some...)
		} else if err != nil {
			return nil, nil, err
		}
	}
	if len(faults) > 0 {
		return nil, nil, usageError{faults.Sorted()}
	}
	return loaded, set, nil
}

// loadConfig reads a configuration whose keys do not matter.
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
	set, problem := readKeys(c.Path(c.Keys))
	if problem.text != "" {
		return nil, usageError{config.Faults{c.Fault("keys", problem.text, problem.advice)}}
	}
	return set, nil
}

// problem is why a file is of no use, and what to do; no text: it is.
type problem struct{ text, advice string }

func readKeys(path string) (*keys.Set, problem) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if errors.Is(err, fs.ErrNotExist) {
		return nil, problem{"there is no key file " + path, "make one: bauta keys init --out " + path}
	}
	if err != nil {
		return nil, problem{"the key file cannot be opened", "check its permissions"}
	}
	defer func() { _ = file.Close() }()
	set, err := keys.Read(file)
	if err != nil {
		return nil, problem{err.Error(), "restore it from your backup"}
	}
	return set, problem{}
}
