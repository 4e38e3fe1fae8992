import java.io.IOException;
import org.apache.lucene.document.LatLonDocValuesField;
import org.apache.lucene.document.LatLonPoint;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.PostingsEnum;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.MatchAllDocsQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.TopFieldCollector;
import org.apache.lucene.util.FixedBitSet;

/**
 * Answers questions from the index: exact total, every facet, the first 20 rows. One thread. Kept
 * open: for each need its rows as bits, as a filter cache keeps them, and the rows' numbers. The
 * cache of queries is off, since a measured question is asked again and again.
 */
final class Search implements AutoCloseable {
    private static final int FIRST = 20;
    private static final double METRES_A_MILE = 1609.344;

    private final DirectoryReader reader;
    private final LeafReader rows;
    private final IndexSearcher searcher;
    private final FixedBitSet[] met;
    private final int[] numbers;

    /** What was found; `facets` by need. */
    record Answer(int total, int[] rows, int[] facets) {}

    Search(Index index, int needs) throws IOException {
        reader = DirectoryReader.open(index.files);
        if (reader.leaves().size() != 1) throw new IOException("the index is not of one segment");
        rows = reader.leaves().get(0).reader();
        searcher = new IndexSearcher(reader);
        searcher.setQueryCache(null);
        met = new FixedBitSet[needs];
        for (int need = 0; need < needs; need++) {
            met[need] = new FixedBitSet(rows.maxDoc());
            PostingsEnum list = rows.postings(term(need), PostingsEnum.NONE);
            if (list != null) met[need].or(list);
        }
        numbers = new int[rows.maxDoc()];
        NumericDocValues row = rows.getNumericDocValues("row");
        for (int at = row.nextDoc(); at != DocIdSetIterator.NO_MORE_DOCS; at = row.nextDoc())
            numbers[at] = (int) row.longValue();
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    Answer ask(Question question) throws IOException {
        TopFieldCollector top = TopFieldCollector.create(order(question), FIRST, Integer.MAX_VALUE);
        FixedBitSet[] groups = new FixedBitSet[question.groups().size()];
        for (int i = 0; i < groups.length; i++) groups[i] = anyOf(question.groups().get(i).ticked());
        Matches matches = new Matches(top, groups);
        searcher.search(query(question), matches);

        int[] facets = new int[met.length];
        count(matches.met, new long[] {-1, -1}, facets);
        for (int i = 0; i < groups.length; i++) {
            long[] members = question.groups().get(i).members();
            for (int need = 0; need < met.length; need++)
                if (Question.has(members, need)) facets[need] = matches.met.count;
            count(matches.apart[i], members, facets);
        }
        ScoreDoc[] first = top.topDocs().scoreDocs;
        int[] found = new int[first.length];
        for (int i = 0; i < first.length; i++) found[i] = numbers[first[i].doc];
        return new Answer(matches.met.count, found, facets);
    }

    // --- The query: everything but the groups ------------------------------------------------------

    private static Term term(int need) {
        return new Term("need", Integer.toString(need));
    }

    private Query query(Question question) {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        for (int need = 0; need < met.length; need++)
            if (Question.has(question.singles(), need)) all.add(new TermQuery(term(need)), Occur.FILTER);
        if (!question.state().isEmpty()) all.add(new TermQuery(new Term("state", question.state())), Occur.FILTER);
        for (Question.Unit unit : question.units()) all.add(unitQuery(unit), Occur.FILTER);
        if (question.hasRadius()) all.add(radius(question), Occur.FILTER);
        BooleanQuery query = all.build();
        return query.clauses().isEmpty() ? new MatchAllDocsQuery() : query;
    }

    private Query unitQuery(Question.Unit unit) {
        if (Question.isEmpty(unit.needs()) && unit.kind() != Question.Kind.NEEDS) return Words.query(unit);
        BooleanQuery.Builder any = new BooleanQuery.Builder();
        if (unit.kind() != Question.Kind.NEEDS) any.add(Words.query(unit), Occur.SHOULD);
        for (int need = 0; need < met.length; need++)
            if (Question.has(unit.needs(), need)) any.add(new TermQuery(term(need)), Occur.SHOULD);
        return any.build();
    }

    /** By the points alone: leave to ask doc values instead, where few rows are left, costs more than it saves. */
    private static Query radius(Question question) {
        double metres = question.within() * METRES_A_MILE;
        return LatLonPoint.newDistanceQuery("point", question.latitude(), question.longitude(), metres);
    }

    private static Sort order(Question question) {
        if (!question.hasPoint()) return new Sort(new SortField("best", SortField.Type.INT));
        return new Sort(LatLonDocValuesField.newDistanceSort("point", question.latitude(), question.longitude()),
            new SortField("id", SortField.Type.INT));
    }

    // --- Counting ----------------------------------------------------------------------------------

    private FixedBitSet anyOf(long[] needs) {
        FixedBitSet any = new FixedBitSet(rows.maxDoc());
        for (int need = 0; need < met.length; need++)
            if (Question.has(needs, need)) any.or(met[need]);
        return any;
    }

    /** Add how many of the rows meet each of the needs `only`: few row by row, many need by need. */
    private void count(Matches.Rows of, long[] only, int[] facets) throws IOException {
        if (of.count == 0) return;
        if (of.count < rows.maxDoc() / 64) {
            countWord(of, "needs0", only[0], 0, facets);
            countWord(of, "needs1", only[1], 64, facets);
            return;
        }
        FixedBitSet bits = new FixedBitSet(rows.maxDoc());
        for (int i = 0; i < of.count; i++) bits.set(of.all[i]);
        for (int need = 0; need < met.length; need++)
            if (Question.has(only, need)) facets[need] += (int) FixedBitSet.intersectionCount(bits, met[need]);
    }

    private void countWord(Matches.Rows of, String field, long only, int first, int[] facets) throws IOException {
        NumericDocValues values = rows.getNumericDocValues(field);
        for (int i = 0; i < of.count; i++) {
            values.advanceExact(of.all[i]);
            for (long rest = values.longValue() & only; rest != 0; rest &= rest - 1)
                facets[first + Long.numberOfTrailingZeros(rest)]++;
        }
    }
}
