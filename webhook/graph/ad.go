package graph

import (
	"context"
	"encoding/json"
	"net/url"
)

// Ad is what the Marketing API says of an ad. Fields that it leaves out are "".
type Ad struct {
	ID       string
	Account  string // account_id
	Campaign string // campaign_id
	AdSet    string // adset_id
	// Destination is the ad set's destination_type, such as WHATSAPP.
	Destination string
	// Status is the effective_status, such as ACTIVE or CAMPAIGN_PAUSED.
	Status string
}

// maxAd bounds what is read of an answer.
const maxAd = 256 << 10

// adFields: destination_type is on the ad set, not on the ad (webhooks.md 7).
const adFields = "id,account_id,campaign_id,adset_id,effective_status,adset{destination_type}"

// Ad looks an ad up by the id that a referral gives as source_id. Every error
// is an *Error; NotFound is one that does not exist or is another's, and an id
// that cannot be one.
func (c *Client) Ad(ctx context.Context, token, id string) (Ad, error) {
	if !isObjectID(id) {
		return Ad{}, &Error{Kind: NotFound}
	}
	body, err := c.lookUpAd(ctx, token, id, url.Values{"fields": {adFields}})
	if err != nil {
		return Ad{}, err
	}
	var answer struct {
		ID       string `json:"id"`
		Account  string `json:"account_id"`
		Campaign string `json:"campaign_id"`
		AdSetID  string `json:"adset_id"`
		Status   string `json:"effective_status"`
		AdSet    struct {
			Destination string `json:"destination_type"`
		} `json:"adset"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.ID != id {
		return Ad{}, &Error{Kind: Unreadable}
	}
	return Ad{
		ID: answer.ID, Account: answer.Account, Campaign: answer.Campaign, AdSet: answer.AdSetID,
		Destination: answer.AdSet.Destination, Status: answer.Status,
	}, nil
}
