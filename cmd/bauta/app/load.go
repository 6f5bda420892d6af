package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/webhook/meta"
)

// configFlag adds --config.
func configFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "config", "bauta.yaml", "configuration file")
}

// load reads a configuration with its keys, and checks all that can be checked
// without a connection. Every fault comes at once; warnings go to standard error.
func load(std Std, path string, needed config.Secrets) (*config.Config, *keys.Set, error) {
	loaded, faults, err := config.Draft(path, std.Env, needed)
	if err != nil {
		return nil, nil, usageError{err}
	}
	if loaded == nil {
		return nil, nil, usageError{faults}
	}
	for _, w := range loaded.Warnings() {
		_, _ = fmt.Fprintln(std.Err, "warning: "+w.String())
	}
	known := faultyKeys(faults)
	set, keyFault := loadKeys(loaded)
	if path := loaded.Path(loaded.Keys); config.OpenToOthers(path) {
		_, _ = fmt.Fprintln(std.Err, "warning: "+loaded.Fault("keys", "other users of this machine can open "+path, "run chmod 600 "+path+": who has it and the store can turn every handle back").String())
	}
	for _, err := range []error{keyFault, checkRules(loaded), checkFields(std, loaded), checkPassthrough(loaded), checkStore(loaded)} {
		if some, ok := errors.AsType[config.Faults](err); ok {
			faults = append(faults, slices.DeleteFunc(some, func(f config.Fault) bool { return known[f.Key] })...)
		} else if err != nil {
			return nil, nil, err
		}
	}
	if len(faults) > 0 {
		return nil, nil, usageError{faults.Sorted()}
	}
	return loaded, set, nil
}

// faultyKeys are those of which a fault is told: what follows from it is not.
func faultyKeys(faults config.Faults) map[string]bool {
	keys := make(map[string]bool, len(faults))
	for _, f := range faults {
		keys[f.Key] = true
	}
	return keys
}

// checkStore finds a Redis URL that the store would not understand.
func checkStore(c *config.Config) error {
	text := c.Redis.URL.Reveal()
	if text == "embedded" || redis.CheckURL(text) == nil {
		return nil
	}
	return config.Faults{c.Fault("redis.url", "is no URL of a Redis server, of Sentinels or of a cluster", "write it such as "+
		"redis://user:password@host:6379/0, redis+sentinel://host:26379/0?master_name=NAME or redis+cluster://host:6379; characters such as @ and / in a password as %40 and %2F")}
}

// checkPassthrough finds calls that a business cannot be allowed.
func checkPassthrough(c *config.Config) error {
	var faults config.Faults
	for i := range c.Business {
		for j, entry := range c.Business[i].Passthrough {
			if _, err := meta.ParsePassthrough(entry); err != nil {
				problem := err
				if inner := errors.Unwrap(err); inner != nil { // the place says which entry
					problem = inner
				}
				faults = append(faults, c.Fault(fmt.Sprintf("businesses[%d].passthrough[%d]", i, j), problem.Error(), ""))
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

// loadConfig reads a configuration whose keys do not matter, for whoever may ask
// the platform about ads and does no more.
func loadConfig(std Std, path string) (*config.Config, error) {
	loaded, faults, err := config.Draft(path, std.Env, config.CallingSecrets)
	if err == nil && len(faults) > 0 {
		err = faults
	}
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
		return nil, problem{err.Error(), "name the file that bauta keys init made"}
	}
	return set, problem{}
}
