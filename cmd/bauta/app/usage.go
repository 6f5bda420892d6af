package app

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
)

// span is a flag that takes durations as the configuration does.
type span time.Duration

func (s *span) Set(text string) error {
	parsed, err := config.ParseDuration(text)
	*s = span(parsed)
	return err
}

func (s *span) String() string { return time.Duration(*s).String() }

// Type is what the help calls the flag's values.
func (s *span) Type() string { return "duration" }

// misused is a wrong use of a command, and where to read on.
func misused(c *cobra.Command, err error) error {
	return usageError{fmt.Errorf("%w; see %s --help", err, c.CommandPath())}
}

// wrapArgs makes wrong arguments a wrong use for every command.
func wrapArgs(c *cobra.Command) {
	check := c.Args
	switch {
	case c.Name() == "help" && !c.HasSubCommands():
		c.Args = topic
	case check != nil && c.HasSubCommands():
		c.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) != nil {
				return misused(cmd, unknownCommand(cmd, args[0]))
			}
			return nil
		}
	case check != nil:
		c.Args = func(cmd *cobra.Command, args []string) error {
			err := check(cmd, args)
			if _, said := errors.AsType[usageError](err); err == nil || said {
				return err
			}
			return misused(cmd, errors.New("it takes no argument but flags")) // cobra takes an argument for the name of a command
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// inputOnly refuses arguments of a command that reads standard input: they are taken for
// files.
func inputOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return misused(c, fmt.Errorf("give it on standard input: %s < FILE", c.CommandPath()))
}

// topic checks what help is asked about.
func topic(c *cobra.Command, args []string) error {
	about, rest, err := c.Root().Find(args)
	if err != nil {
		return misused(c.Root(), err)
	}
	return about.ValidateArgs(rest)
}

// unknownCommand names commands that may be meant instead.
func unknownCommand(c *cobra.Command, name string) error {
	c.SuggestionsMinimumDistance = 2 // letters apart
	advice := ""
	if near := c.SuggestionsFor(name); len(near) > 0 {
		advice = " (did you mean " + strings.Join(near, " or ") + "?)"
	}
	return fmt.Errorf("%s has no command %q%s", c.CommandPath(), name, advice)
}

// checkHelp has arguments checked where help is asked for too, which cobra itself
// answers for whatever was found, as if all were well. The function that it returns
// says, after the command ran, what was refused.
func checkHelp(root *cobra.Command) (refused func() error) {
	var fault error
	show := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, args []string) {
		if fault = c.ValidateArgs(c.Flags().Args()); fault == nil {
			show(c, args)
		}
	})
	return func() error { return fault }
}
