package outbound

import (
	"context"
	"fmt"

	"bauta/webhook"
)

// ownMedia refuses media that the business was not sent and did not upload. Where
// several businesses have one access token the platform would send them all the same.
func (r *request) ownMedia(ctx context.Context) error {
	missing := r.media
	for _, roll := range []webhook.Roll{webhook.UploadedMedia, webhook.ReceivedMedia} {
		if len(missing) == 0 {
			return nil
		}
		on, err := r.t.Rolls.On(ctx, r.call.Business.ID, roll, missing)
		if err != nil {
			return fmt.Errorf("find whose media these are: %w", err)
		}
		var left []string
		for i, id := range missing {
			if !on[i] {
				left = append(left, id)
			}
		}
		missing = left
	}
	if len(missing) > 0 {
		return ErrUnknownMedium
	}
	return nil
}
