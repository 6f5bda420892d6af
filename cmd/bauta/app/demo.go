package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newDemo(std Std) *cobra.Command {
	var once, terminal bool
	o := playgroundOf{}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show what Bauta does: no configuration, no Redis, nothing to install",
		Long: `Opens a page in the browser: a customer's phone, what Meta sends, what the business gets, and the business's inbox, live. You
are the customer and the business. Stand-ins for Meta and the CRM, and an embedded store, run in this process; in
between is the real Bauta, over real HTTP on this machine's loopback interface. Ctrl-C ends it, and nothing is kept.

With --terminal the story is told in the terminal instead.`,
		Example: "  bauta demo\n  bauta demo --listen 127.0.0.1:9000 --open=false\n  bauta demo --terminal\n  bauta demo --once --shape phone",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.shape != "bsuid" && o.shape != "phone" {
				return usageError{fmt.Errorf("--shape is bsuid or phone")}
			}
			if once && terminal {
				return usageError{errors.New("--once is one exchange, --terminal the whole story: choose one")}
			}
			if once || terminal {
				return runDemo(cmd.Context(), std, o.shape, once)
			}
			o.given = cmd.Flags().Changed("listen")
			return runPlayground(cmd.Context(), std, o)
		},
	}
	c.Flags().BoolVar(&once, "once", false, "print one exchange, in and back, under the headings before and after, and exit")
	c.Flags().BoolVar(&terminal, "terminal", false, "tell the story in the terminal, and exit")
	c.Flags().StringVar(&o.shape, "shape", "bsuid", "shape of handles: bsuid or phone")
	c.Flags().StringVar(&o.listen, "listen", demoListen, "address of the page; unless it is given, the next free port is taken where another program has this one")
	c.Flags().BoolVar(&o.open, "open", true, "open the page where there is a desktop")
	return c
}

func runDemo(ctx context.Context, std Std, shape string, once bool) (err error) {
	s, err := newStage(ctx, std, shape)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if once {
		return s.once(ctx)
	}
	return s.tell(ctx)
}

// once is one exchange: a message comes in, and its answer goes back.
func (s *stage) once(ctx context.Context) error {
	asked, err := s.asks(ctx)
	if err != nil {
		return err
	}
	if err := s.show(asked, s.paint.whole, "before", "after"); err != nil {
		return err
	}
	sent, answered, err := s.answers(ctx, asked.right, "Of course! It is 12 euros.")
	if err != nil {
		return err
	}
	if err := s.show(sent, s.paint.whole, "the CRM answers", "Meta gets"); err != nil {
		return err
	}
	if err := s.show(answered, s.paint.whole, "Meta answers", "the CRM gets"); err != nil {
		return err
	}
	s.phone()
	return nil
}

// tell is the whole story. The first event is shown whole, of the others what
// differs.
func (s *stage) tell(ctx context.Context) error {
	s.say("Bauta %s: a customer, Meta, Bauta and a CRM, all in this terminal. Nothing leaves this machine.", version())
	s.scene(1, "Ada taps an ad and writes. She is hidden: the number goes from every place, the message id included.")
	asked, err := s.asks(ctx)
	if err != nil {
		return err
	}
	if err := s.came(asked, s.paint.whole); err != nil {
		return err
	}
	s.scene(2, "The CRM answers, quoting her message: to the handle, as it would to anybody. Bauta knows who that is, and which message.")
	sent, answered, err := s.answers(ctx, asked.right, "Of course! It is 12 euros.")
	if err != nil {
		return err
	}
	if err := s.show(sent, s.paint.whole, "the CRM sends", "Meta gets"); err != nil {
		return err
	}
	if err := s.show(answered, s.paint.whole, "Meta answers", "the CRM gets as an answer"); err != nil {
		return err
	}
	s.phone()
	s.scene(3, "The answer was read: the status comes under the same handle, about the same message id.")
	read, err := s.statuses(ctx)
	if err != nil {
		return err
	}
	if err := s.came(read, s.paint.brief); err != nil {
		return err
	}
	s.scene(4, "She sends her contact card, quoting the CRM. Her number is masked there too, in every notation, and the quoted id still matches.")
	card, err := s.exchange(ctx, s.card())
	if err != nil {
		return err
	}
	if err := s.came(card, s.paint.brief); err != nil {
		return err
	}
	if err := s.lifts(ctx, asked.right); err != nil {
		return err
	}
	s.scene(7, "Bea writes without an ad. She is not hidden (hiding.default: visible): not one byte changes.")
	bea, err := s.exchange(ctx, s.bea())
	if err != nil {
		return err
	}
	if err := s.came(bea, s.paint.brief); err != nil {
		return err
	}
	s.say("\nTry your own payloads with `bauta mask` and `bauta explain`; run it for real with `bauta serve --help`.")
	return nil
}

// lifts is the part of the story in which Ada decides.
func (s *stage) lifts(ctx context.Context, event []byte) error {
	s.scene(5, "The CRM would like to call her and asks for the number. Bauta words the question; only Ada can answer it.")
	question, err := s.requests(ctx, event)
	if err != nil {
		return err
	}
	s.phone()
	for _, b := range question.Buttons {
		s.say("  [ %s ]", b.Title)
	}
	s.scene(6, "She taps \""+question.Buttons[0].Title+"\". From now on events carry number and handle; until she takes it back.")
	told, tap, err := s.shares(ctx, question)
	if err != nil {
		return err
	}
	own, err := indent(told)
	if err != nil {
		return err
	}
	s.say("\n%s\n\n%s", s.paint.with(bold, "the CRM is told"), own)
	return s.came(tap, s.paint.brief)
}

func (s *stage) scene(n int, text string) {
	s.say("\n%s", s.paint.with(bold, fmt.Sprintf("%d. %s", n, text)))
}
