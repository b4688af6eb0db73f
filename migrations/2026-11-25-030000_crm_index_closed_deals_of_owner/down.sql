drop index deals_closed_of_owner;
