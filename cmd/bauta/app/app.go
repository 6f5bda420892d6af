// Package app is the program as a type: its commands, their wiring and their
// teardown. main adds only signals and the exit code, so that tests run all of
// it in one process or as a built binary.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

// Std is what the program has of the outside.
type Std struct {
	In       io.Reader
	Out, Err io.Writer
	// Env looks an environment variable up.
	Env func(name string) (string, bool)
	// Hangups asks for the signals by which serve reads its configuration again; nil:
	// there are none.
	Hangups func() <-chan os.Signal
}

func (s Std) hangups() <-chan os.Signal {
	if s.Hangups == nil {
		return nil
	}
	return s.Hangups()
}

// usageError is a wrong use or configuration: exit code 2.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// Main runs one command and returns the process's exit code. Ctx ends when the
// process is asked to stop.
func Main(ctx context.Context, args []string, std Std) int {
	root := newRoot(std)
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	refused := checkHelp(root)
	err := errors.Join(root.ExecuteContext(ctx), refused())
	if err == nil {
		return exitDone
	}
	said := "bauta: " + err.Error()
	if _, ok := errors.AsType[config.Faults](err); ok {
		said = err.Error() // each line begins with file, line and column, as editors read them
	}
	_, _ = fmt.Fprintln(std.Err, said)
	if _, usage := errors.AsType[usageError](err); usage {
		return exitUsage
	}
	return exitFailed
}

// Commands are all commands, for who writes about them and runs none.
func Commands() *cobra.Command {
	return newRoot(Std{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard})
}

func newRoot(std Std) *cobra.Command {
	root := &cobra.Command{
		Use:   "bauta",
		Short: "WhatsApp webhooks for businesses, without the customer's phone number",
		Long: `Bauta stands between Meta's WhatsApp platform and a business's endpoints. Customers who come in
through a Click-to-WhatsApp ad reach the business under a handle; the number stays here.

Start with:  bauta demo

Exit codes: 0 done, 1 failed, 2 wrong use or configuration.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		// Without it cobra answers an unknown command with the help text and exit code 0.
		RunE: help,
	}
	root.Version = version()
	root.SetVersionTemplate(versionLine())
	root.SetFlagErrorFunc(misused)
	// What only has commands is not used by flags, though it answers with its help.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable (not .HasAvailableSubCommands)}}", 1))
	root.AddCommand(
		newDemo(std), newServe(std), newConfig(std), newMask(std), newExplain(std), newKeys(std), newToken(std),
		newCustomers(std), newConsents(std), newAudit(std), newHeld(std), newDeadLetters(std), newEvents(std), newEndpoints(std), newSimulate(std), newDoctor(std), newHealthcheck(std), newVersion(std),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	wrapArgs(root)
	complete(root, std)
	return root
}
