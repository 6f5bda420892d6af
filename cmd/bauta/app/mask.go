package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// hideEverybody is the one business of mask and explain without a configuration.
const hideEverybody = `redis: {url: embedded}
apps: [{id: main, verify_token: none, app_secrets: [none]}]
businesses:
  - id: everybody
    app: main
    wabas: ["0"]
    hiding: {default: hidden}
    endpoints: [{id: output, url: "https://localhost.invalid", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}]
`

func newMask(std Std) *cobra.Command {
	o := bench{name: "mask", faulty: "could not be masked"}
	c := &cobra.Command{
		Use:   "mask",
		Short: "Mask platform payloads from standard input",
		Long: `Reads platform payloads from standard input, one JSON document a line or pretty-printed ones one after another, and writes the
masked events, one a line. Without --config there is one built-in business that hides everybody. The store is embedded, and gone
afterwards; --live uses the configured one and mints customers there, but never queues an event.

What cannot be masked is an error line on standard error with the document's number and position; the others go on, and the exit code is 1.`,
		Example: "  bauta mask < payloads.json\n  bauta mask --config bauta.yaml --live < payloads.json",
		Args:    inputOnly,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), std, func(out io.Writer, _ document, p *webhook.Prepared) error {
				for _, item := range p.Items {
					if _, err := fmt.Fprintf(out, "%s\n", oneLine(item.Delivery.Body)); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	o.flags(c)
	c.Flags().BoolVar(&o.live, "live", false, "use the configured store, and mint there")
	return c
}

// bench runs payloads through the pipeline without queueing anything.
type bench struct {
	// name of the command, and what it says of events and documents that came to nothing.
	name, faulty string

	path string
	live bool
	// dry writes nothing at all.
	dry bool
}

func (o *bench) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.path, "config", "", "configuration file; without it one business that hides everybody")
}

// run gives every document that could be worked through to show.
func (o *bench) run(ctx context.Context, std Std, show func(io.Writer, document, *webhook.Prepared) error) (err error) {
	if o.live && o.path == "" {
		return usageError{errors.New("--live needs --config: it uses the configured store")}
	}
	logger := slog.New(slog.NewTextHandler(std.Err, &slog.HandlerOptions{Level: slog.LevelError}))
	k, pipeline, err := o.open(ctx, std, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.store.Close()) }()
	all, err := readDocuments(std.In)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return usageError{errors.New("there is nothing on standard input: give it platform payloads, such as bauta " + o.name + " < payload.json")}
	}
	faults := 0
	for _, d := range all {
		if d.err == nil {
			var prepared *webhook.Prepared
			if prepared, err = pipeline.Prepare(ctx, webhook.AnyApp, d.text); err != nil {
				return err
			}
			faults += complain(std.Err, d, prepared)
			if err := show(std.Out, d, prepared); err != nil {
				return err
			}
			continue
		}
		faults++
		_, _ = fmt.Fprintf(std.Err, "document %d (line %d): %v\n", d.index, d.line, d.err)
	}
	if faults > 0 {
		return fmt.Errorf("%d of the events or documents %s; see above", faults, o.faulty)
	}
	return nil
}

// complain says what was held or dropped of a document.
func complain(w io.Writer, d document, p *webhook.Prepared) int {
	for _, h := range p.Held {
		_, _ = fmt.Fprintf(w, "document %d (line %d): held, %s%s%s\n", d.index, d.line, h.Reason, atPositions(h.Positions), hintOn(h.Reason))
	}
	for _, dropped := range p.Dropped {
		_, _ = fmt.Fprintf(w, "document %d (line %d): field %s dropped: %s\n", d.index, d.line, dropped.Field, dropped.Reason)
	}
	if len(p.Items)+len(p.Held)+len(p.Dropped) == 0 {
		_, _ = fmt.Fprintf(w, "document %d (line %d): no business of the configuration claims its WABA\n", d.index, d.line)
		return 1
	}
	return len(p.Held)
}

// hintOn helps whoever pastes an example: Meta's dashboard shows one change without what is around it.
func hintOn(reason string) string {
	if reason != meta.WrongObject {
		return ""
	}
	return `: a whole webhook is {"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [...]}]}`
}

// atPositions names where the reason for a hold stands, if it stands somewhere.
func atPositions(positions []string) string {
	if len(positions) == 0 {
		return ""
	}
	return " at " + strings.Join(positions, ", ")
}

// open builds the pipeline: without a configuration on a business to whom every
// WABA belongs, without --live on an embedded store.
func (o *bench) open(ctx context.Context, std Std, logger *slog.Logger) (*core, *webhook.Pipeline, error) {
	loaded, set, err := o.load(std)
	if err != nil {
		return nil, nil, err
	}
	if !o.live && !o.dry {
		loaded.Redis.URL = config.NewSecret("embedded")
	}
	k, err := newCore(ctx, opening{config: loaded, keys: set, logger: logger, readOnly: o.dry})
	if err != nil {
		return nil, nil, err
	}
	pipeline, err := k.pipeline(nil, func(options *webhook.Options) {
		options.Trace = true
		// Nobody is asked, and nobody shares, by looking at what would be delivered.
		options.Consents = nil
		if o.path == "" {
			options.Directory = webhook.NewSoleDirectory(k.businesses()[0])
		}
		if o.dry {
			d := dry{vault: k.vault, rolls: k.rolls}
			options.Vault, options.Forms, options.Rolls, options.Presence, options.Watershed, options.Keys = d, d, d, d, d, d
		}
	})
	if err != nil {
		return nil, nil, errors.Join(err, k.store.Close())
	}
	return k, pipeline, nil
}

// load reads configuration and keys. Keys are made for the occasion where nothing
// outlives it.
func (o *bench) load(std Std) (*config.Config, *keys.Set, error) {
	if o.path == "" {
		loaded, err := config.Parse("built-in", []byte(hideEverybody), std.Env)
		if err != nil {
			return nil, nil, fmt.Errorf("the built-in configuration: %w", err)
		}
		set, err := keys.Generate()
		return loaded, set, err
	}
	loaded, err := loadConfig(std, o.path)
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(loaded.Path(loaded.Keys)); err != nil && !o.live && !o.dry {
		set, err := keys.Generate()
		return loaded, set, err
	}
	set, err := loadKeys(loaded)
	return loaded, set, err
}
