package app

import (
	"log/slog"
	"net/netip"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
)

func newServe(std Std) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Receive, mask and deliver, until it is told to stop",
		Long: `Listens for the platform's webhooks, and delivers masked events to the businesses' endpoints. SIGTERM or SIGINT stops it: what was
acknowledged is stored, what is being delivered is finished. The configuration is read again on SIGHUP and when its files
change: a valid one is in force at once, of another every mistake is logged and the one from before stays in force.`,
		Example: "  bauta serve --config bauta.yaml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			seen := lookFor(std, path, nil)
			loaded, set, err := load(std, path, config.AllSecrets)
			if err != nil {
				return err
			}
			collectLess(std)
			writeNoCore(std)
			hangups := std.hangups()
			logger, level := newLogger(std, loaded.Log)
			tracer, err := newTracer(cmd.Context(), std.Env, loaded.Tracing, logger)
			if err != nil {
				return err
			}
			n, err := startNode(cmd.Context(), loaded, set, logger, tracer)
			if err != nil {
				return err
			}
			n.reloadable(std, path, level, seen)
			n.followConfig(cmd.Context(), hangups)
			return n.run(cmd.Context())
		},
	}
	configFlag(c, &path)
	return c
}

// newLogger logs to standard error, from a level on that can be changed.
func newLogger(std Std, c config.Log) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(levelOf(c.Level))
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(std.Err, o)), level
	}
	return slog.New(slog.NewJSONHandler(std.Err, o)), level
}

func levelOf(name string) slog.Level {
	switch name {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	}
	return slog.LevelInfo
}

func prefixes(all []config.Prefix) []netip.Prefix {
	out := make([]netip.Prefix, len(all))
	for i, p := range all {
		out[i] = p.Prefix
	}
	return out
}
