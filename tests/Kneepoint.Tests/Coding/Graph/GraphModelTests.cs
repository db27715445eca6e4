using CsCheck;
using Kneepoint.Coding;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Graph;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Tests.Coding.Graph;

public sealed class GraphModelTests
{
    [Fact]
    public void Bytes_that_are_no_model_come_back() => Gen.OneOf(Gen.Byte.Array[0, 600], Gen.Byte[0, 3].Array[0, 600]).Sample(bytes =>
    {
        var writer = new BitWriter();
        Code(writer, bytes);
        Assert.Equal(bytes, Code(new BitReader(writer.End()), new byte[bytes.Length]));
    }, iter: 40);

    [Fact]
    public void The_graph_of_a_model_with_every_message_comes_back()
    {
        byte[] model = RichModel.OfEveryMessage();
        var (cuts, graphBytes) = GraphSection.Scan(model);

        var (read, readCuts) = GraphSection.Read(GraphSection.Write(model, graphBytes), new PackedHeader(model.Length, graphBytes, 0));

        byte[] expected = [.. model];
        foreach (var cut in cuts) expected.AsSpan((int)cut.Offset, (int)cut.Length).Clear();
        Assert.Equal(expected, read);
        Assert.Equal(cuts.Select(cut => (cut.Offset, cut.Length, cut.Type)), readCuts.Select(cut => (cut.Offset, cut.Length, cut.Type)));
    }

    [Fact]
    public void Names_that_come_again_cost_little()
    {
        byte[] once = System.Text.Encoding.UTF8.GetBytes("layers.7.attention.query.weight");
        var (one, ten) = (new BitWriter(), new BitWriter());
        Code(one, once);
        Code(ten, [.. Enumerable.Repeat(once, 10).SelectMany(text => text)]);

        Assert.InRange(ten.End().Length, 0, one.End().Length * 2);
    }

    [Fact]
    public void Noise_grows_by_less_than_a_tenth()
    {
        byte[] noise = new byte[20_000];
        new Random(1).NextBytes(noise);
        var writer = new BitWriter();
        Code(writer, noise);

        Assert.InRange(writer.End().Length, 19_990, 22_000);
    }

    [Fact]
    public void A_long_run_of_the_most_probable_bytes_is_not_taken_for_a_cut_off_file()
    {
        // The code of ones alone is zeros, which the writer leaves out.
        byte[] ones = Enumerable.Repeat((byte)255, 30_000).ToArray();

        Assert.Equal(ones, PackedModel.Open(PackedModel.Pack(ones)));
    }

    static byte[] Code(IBitCoder coder, byte[] bytes)
    {
        var at = new WireTracker();
        var model = new GraphModel(bytes.Length);
        byte[] coded = new byte[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            coded[i] = model.Code(coder, bytes[i], at);
            at.Take(coded[i]);
        }

        return coded;
    }
}
