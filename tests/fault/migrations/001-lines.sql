-- Rows that store_driver writes, and the total that is kept beside them.
CREATE TABLE line (
  writer BIGINT NOT NULL,
  number BIGINT NOT NULL,
  filler BYTEA NOT NULL,
  PRIMARY KEY (writer, number)
);
CREATE TABLE total (writer BIGINT NOT NULL PRIMARY KEY, lines BIGINT NOT NULL);
