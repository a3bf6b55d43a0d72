"""A chatbot of three lines; what it knows is what it was told."""

from tsseq2seq import Seq2SeqTranslator

questions = ["hello", "how are you?", "what is your name?", "good bye"] * 25
answers = ["hello to you", "very well, and you?", "my name is Ada", "see you soon"] * 25

bot = Seq2SeqTranslator(tokenizer="word").fit(questions, answers)
for said in ["hello", "what is your name?"]:
    print(f"> {said}\n{bot.predict([said])[0]}")
