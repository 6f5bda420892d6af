package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
)

func newCustomers(std Std) *cobra.Command {
	c := &cobra.Command{
		Use:   "customers",
		Short: "Import known customers; export and erase what is stored about one",
		Args:  cobra.NoArgs,
		RunE:  help,
	}
	c.AddCommand(newImportKnown(std), newCustomersExport(std), newCustomersErase(std))
	return c
}

// openLasting opens the store for a command whose work must outlast the process.
// Business is one of the configuration, or "" for all. Whoever calls closes the store.
func openLasting(ctx context.Context, std Std, path, business string, needed config.Secrets) (*core, error) {
	k, err := openCore(ctx, std, path, needed)
	if err != nil {
		return nil, err
	}
	var fault error
	switch {
	case k.config().Redis.URL.Reveal() == "embedded":
		fault = fmt.Errorf("redis.url: %s has the embedded store, which ends with this process; use a Redis server", path)
	case business != "" && k.directory.ByID(business) == nil:
		fault = fmt.Errorf("--business: %s has no business %q", path, business)
	default:
		return k, nil
	}
	return nil, errors.Join(usageError{fault}, k.store.Close())
}
