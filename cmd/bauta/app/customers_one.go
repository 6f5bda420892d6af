package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"bauta/masking"
	"bauta/webhook"
)

// one says which customer of which business is meant.
type one struct {
	path, business, handle string
	number                 bool
}

func (o *one) flags(c *cobra.Command) {
	configFlag(c, &o.path)
	c.Flags().StringVar(&o.business, "business", "", "id of the business")
	c.Flags().StringVar(&o.handle, "handle", "", "any handle that the business has of the customer, in either shape")
	c.Flags().BoolVar(&o.number, "number-stdin", false, "read the number from standard input: arguments can be read by others, and stay in a shell's history")
}

// check finds what is wrong with the flags, before anything is opened.
func (o *one) check() error {
	switch {
	case o.business == "":
		return usageError{errors.New("say whose: --business")}
	case (o.handle == "") == !o.number:
		return usageError{errors.New("say who: --handle HANDLE or --number-stdin")}
	}
	return nil
}

// readNumber reads the number of one customer. Errors do not repeat it.
func readNumber(in io.Reader) (masking.Number, error) {
	const most = 128
	line, err := bufio.NewReader(io.LimitReader(in, most)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return masking.Number{}, fmt.Errorf("read the number from standard input: %w", err)
	}
	number, ok := masking.ParseDialled(strings.TrimSpace(line), "")
	if !ok {
		return masking.Number{}, usageError{errors.New("--number-stdin: the first line is no phone number with its country code, such as +39 06 1234 5678")}
	}
	return number, nil
}

// nobodyError: nobody is who is meant.
type nobodyError struct{ business, by string }

func (e nobodyError) Error() string {
	return fmt.Sprintf("%s has no customer of this %s (any more)", e.business, e.by)
}

// sought leads to the customer who is meant.
type sought struct {
	// find reads them, every time anew.
	find func(context.Context) (*webhook.Customer, error)
	// erased is the name of their erasure.
	erased string
}

// seek reads what is read from standard input, once.
func (o *one) seek(std Std, k *core) (sought, error) {
	if o.number {
		number, err := readNumber(std.In)
		if err != nil {
			return sought{}, err
		}
		return sought{
			find:   func(ctx context.Context) (*webhook.Customer, error) { return o.byNumber(ctx, k, number) },
			erased: k.deciding.consents.Named(k.directory.ByID(o.business), masking.Identity{Number: number}),
		}, nil
	}
	reference, ok := k.handles.Parse(o.handle)
	if !ok {
		return sought{}, usageError{errors.New("--handle: this is no handle, or one with a wrong digit: it is two capital letters, a dot and 22 digits, or 15 digits that begin with 999; copy it")}
	}
	return sought{
		find:   func(ctx context.Context) (*webhook.Customer, error) { return o.byHandle(ctx, k, reference.Key) },
		erased: k.deciding.consents.Borne(k.directory.ByID(o.business), reference.Key),
	}, nil
}

func (o *one) byHandle(ctx context.Context, k *core, key string) (*webhook.Customer, error) {
	c, err := k.vault.ByHandle(ctx, o.business, key)
	if errors.Is(err, webhook.ErrUnknownHandle) {
		return nil, nobodyError{o.business, "handle"}
	}
	return c, err
}

func (o *one) byNumber(ctx context.Context, k *core, number masking.Number) (*webhook.Customer, error) {
	found, err := k.vault.Recall(ctx, []webhook.Lookup{{Business: o.business, Identity: masking.Identity{Number: number}}})
	if err != nil {
		return nil, err
	}
	switch {
	case found[0].Unreadable:
		return nil, webhook.ErrUnreadable
	case found[0].Customer == nil:
		return nil, nobodyError{o.business, "number"}
	}
	return found[0].Customer, nil
}
