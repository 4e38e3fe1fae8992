import java.io.IOException;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.search.LeafCollector;
import org.apache.lucene.search.Scorable;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.SimpleCollector;
import org.apache.lucene.search.TopFieldCollector;
import org.apache.lucene.util.FixedBitSet;

/**
 * Collects, in one pass over the rows that meet all but the groups: the rows that meet the groups
 * too, for the order and for counting; and for each group the rows that it alone keeps out, for the
 * counts of its other needs.
 */
final class Matches extends SimpleCollector {
    private final TopFieldCollector top;
    private final FixedBitSet[] groups; // of each, the rows with any ticked need
    final Rows met;
    final Rows[] apart;
    private LeafCollector leaf;

    /** Rows in ascending order. */
    static final class Rows {
        int[] all = new int[256];
        int count;

        void add(int row) {
            if (count == all.length) all = java.util.Arrays.copyOf(all, count * 2);
            all[count++] = row;
        }
    }

    Matches(TopFieldCollector top, FixedBitSet[] groups) {
        this.top = top;
        this.groups = groups;
        met = new Rows();
        apart = new Rows[groups.length];
        for (int i = 0; i < groups.length; i++) apart[i] = new Rows();
    }

    @Override
    protected void doSetNextReader(LeafReaderContext context) throws IOException {
        leaf = top.getLeafCollector(context);
    }

    @Override
    public void setScorer(Scorable scorer) throws IOException {
        leaf.setScorer(scorer);
    }

    @Override
    public ScoreMode scoreMode() {
        return ScoreMode.COMPLETE_NO_SCORES;
    }

    @Override
    public void collect(int row) throws IOException {
        int failing = -1;
        for (int i = 0; i < groups.length; i++) {
            if (groups[i].get(row)) continue;
            if (failing >= 0) return;
            failing = i;
        }
        if (failing >= 0) {
            apart[failing].add(row);
            return;
        }
        met.add(row);
        leaf.collect(row);
    }
}
