import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field.Store;
import org.apache.lucene.document.LatLonDocValuesField;
import org.apache.lucene.document.LatLonPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LogDocMergePolicy;
import org.apache.lucene.store.MMapDirectory;

/**
 * The rows as a Lucene index, mapped, of one segment. They come and stay in the engine's order, in
 * which rows that lie near each other stand near each other. Words, the state and needs are terms;
 * the point is a point and a doc value; needs are two doc values of bits besides, for counting.
 */
final class Index implements AutoCloseable {
    final MMapDirectory files;
    private final IndexWriter writer;

    Index(Path folder) throws IOException {
        files = new MMapDirectory(folder);
        IndexWriterConfig config = new IndexWriterConfig().setRAMBufferSizeMB(128).setUseCompoundFile(false);
        config.setMergePolicy(new LogDocMergePolicy()); // keeps the order
        writer = new IndexWriter(files, config);
    }

    /** Add a row: number, state, two numbers of needs, latitude, longitude, rank by best, rank by id, words. */
    void add(String line) throws IOException {
        Fields fields = new Fields(line);
        Document document = new Document();
        document.add(new NumericDocValuesField("row", fields.number()));
        document.add(new StringField("state", fields.text(), Store.NO));
        long[] needs = fields.bits();
        for (int need = 0; need < 128; need++)
            if (Question.has(needs, need)) document.add(new StringField("need", Integer.toString(need), Store.NO));
        document.add(new NumericDocValuesField("needs0", needs[0]));
        document.add(new NumericDocValuesField("needs1", needs[1]));
        double latitude = fields.decimal(), longitude = fields.decimal();
        if (!Double.isNaN(latitude)) {
            document.add(new LatLonPoint("point", latitude, longitude));
            document.add(new LatLonDocValuesField("point", latitude, longitude));
        }
        document.add(new NumericDocValuesField("best", fields.number()));
        document.add(new NumericDocValuesField("id", fields.number()));
        for (String word : fields.text().split(" +"))
            if (!word.isEmpty()) document.add(new StringField("word", word, Store.NO));
        writer.addDocument(document);
    }

    void finish() throws IOException {
        writer.forceMerge(1);
        writer.close();
    }

    @Override
    public void close() throws IOException {
        files.close();
    }
}
